"""Results that are brought up to date are the ones that are added up whole, on both databases."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.models import PaperTrade, TradeSide
from paper_trading.selectors import kept_results, performance
from paper_trading.selectors.books import Books, Changes, books, changes
from paper_trading.selectors.kept_results import KeptResults, by_day, by_exit, by_token, overall
from paper_trading.selectors.performance import Period, Row
from paper_trading.services.booking import unbook_trade
from tests.paper_trading.world import WBTC, WETH, World, new_account, new_session, new_world

DAY = 7_200
"""Blocks of twelve seconds in a day."""
DAYS = 3
KEPT = {"by_token": lambda: by_token, "by_exit": lambda: by_exit, "by_day": lambda: by_day(DAYS)}
"""Looked up by each test: what is kept is forgotten between two of them."""
WHOLE = {
    "by_token": performance.by_token,
    "by_exit": performance.by_exit,
    "by_day": partial(performance.daily, days=DAYS),
}


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def now(world: World) -> Books:
    return books(world.account.user_id)


def check(world: World) -> None:
    for limits in ({}, {"session_id": world.session.pk}, {"account_id": world.account.pk}):
        period = Period(user_id=world.account.user_id, **limits)
        for kind, kept in KEPT.items():
            assert kept()(period, now(world)) == WHOLE[kind](period), (kind, limits)


def test_whatever_is_booked_is_in_them(world: World) -> None:
    check(world)
    world.buy(WETH, 1_000, 10, gas_quote=3)
    check(world)
    world.sell(WETH, 4, 450, gas_quote=1, exit_reason="partial")
    world.revert(TradeSide.SELL, WETH, 6, gas_quote=2)
    check(world)
    world.sell(WETH, 6, 500, exit_reason="stop_loss")
    world.buy(WBTC, 300, 3, gas_quote=1)
    check(world)
    world.sell(WBTC, 3, 900, exit_reason="take_profit")
    check(world)


def test_days_that_are_over_fall_out(world: World) -> None:
    for _ in range(DAYS + 2):
        world.block += DAY
        world.buy(WETH, 1_000, 10)
        world.sell(WETH, 10, 1_001)
        check(world)
    assert len(KEPT["by_day"]()(Period(user_id=world.account.user_id), now(world))) == DAYS


def test_what_is_taken_back_and_booked_again_counts_once(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    check(world)
    sale = world.sell(WETH, 10, 1_500, exit_reason="take_profit")
    check(world)
    unbook_trade(trade=sale, block=world.next_block())
    check(world)
    world.sell(WETH, 10, 1_400, exit_reason="take_profit")
    check(world)


def test_a_new_account_is_added(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    check(world)
    account = new_account(user=world.account.user, name="second")
    World(account=account, session=new_session(account)).buy(WBTC, 70, 7)
    check(world)


def test_who_looked_a_moment_earlier_gets_what_is_known_and_nothing_is_added_up_again(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    period = Period(user_id=world.account.user_id)
    before = now(world)
    world.buy(WETH, 500, 5)
    newest = by_token(period, now(world))
    with CaptureQueriesContext(connection) as queries:
        assert by_token(period, before) == newest
    assert len(queries) == 1


def test_what_was_added_up_is_not_read_again(world: World) -> None:
    old = world.buy(WETH, 1_000, 10, gas_quote=5)
    period = Period(user_id=world.account.user_id)
    overall(period, now(world))
    PaperTrade.objects.filter(pk=old.pk).update(gas_quote=999)
    world.buy(WBTC, 70, 7, gas_quote=2)
    [row] = overall(period, now(world))
    assert (row.totals.trades, row.totals.gas_quote) == (2, 7)


def test_one_more_trade_costs_the_same_whatever_was_there(world: World) -> None:
    period, counts = Period(user_id=world.account.user_id), []
    for _ in range(2):
        for _ in range(5):
            world.buy(WETH, 1_000, 10)
        overall(period, now(world))
        world.buy(WBTC, 70, 7)
        known = now(world)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            overall(period, known)
        counts.append(len(asked))
    assert counts == [4, 4]


def test_nothing_is_asked_while_nothing_is_booked(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    period, known = Period(user_id=world.account.user_id), now(world)
    overall(period, known)
    with CaptureQueriesContext(connection) as asked:
        overall(period, known)
    assert len(asked) == 0


def test_what_is_booked_while_it_is_added_up_counts_once(world: World) -> None:
    meanwhile = [lambda: world.buy(WBTC, 70, 7), lambda: world.sell(WBTC, 7, 90, exit_reason="time")]

    def slow(period: Period, since: Changes | None) -> list[Row]:
        rows = performance.by_token(period, since)
        if meanwhile:
            meanwhile.pop(0)()
        return rows

    kept, period = KeptResults(slow), Period(user_id=world.account.user_id)
    world.buy(WETH, 1_000, 10)
    for _ in range(3):
        assert kept(period, now(world)) == performance.by_token(period)
        world.buy(WETH, 1_000, 10)


def test_changes_are_the_trades_and_what_they_closed(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    before = now(world)
    sale, revert = world.sell(WETH, 10, 900), world.revert(TradeSide.BUY, WBTC, 5)
    sale.refresh_from_db()
    assert changes(before, now(world)) == Changes(trades=(sale.pk, revert.pk), closed=(sale.position_id,))


def test_books_that_do_not_follow_are_added_up_whole(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    known = now(world)
    world.buy(WETH, 1_000, 10)
    assert changes(tuple(one._replace(hash="0x" + "0" * 64) for one in known), now(world)) is None
    assert changes(now(world), known) is None
    assert changes(now(world), ()) is None


def test_too_much_at_once_is_added_up_whole(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    (newest,) = now(world)
    assert changes((), (newest._replace(sequence=501),)) is None


def test_the_oldest_answers_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_results, "KEPT", 1)
    world.buy(WETH, 1_000, 10)
    user, known = world.account.user_id, now(world)
    overall(Period(user_id=user), known)
    overall(Period(user_id=user, session_id=world.session.pk), known)
    with CaptureQueriesContext(connection) as asked:
        overall(Period(user_id=user), known)
    assert len(asked) == 3
