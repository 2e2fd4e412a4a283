"""Results as the database adds them up, on both databases, against the same sums by hand."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.models import BotSession, PaperTrade, SessionStatus, TradeSide
from paper_trading.selectors import performance
from paper_trading.selectors.books import books
from paper_trading.selectors.performance import Period, Row, Totals, by_exit, by_token, daily
from paper_trading.services.accounts import reset_account
from paper_trading.services.booking import unbook_trade
from tests.paper_trading.world import DEPOSITS, FEE, USDC, WBTC, WETH, World, block_at, new_session, new_world

DAY = 7_200
"""Blocks of twelve seconds in a day."""


@pytest.fixture
def world(books_db: str) -> World:
    """Three round trips (+50, -30 and 0 before gas), an open position, a revert, and one taken back."""
    world = new_world()
    world.buy(WETH, 1_000, 10, gas_quote=1)
    world.sell(WETH, 10, 1_050, gas_quote=1, exit_reason="take_profit")
    world.block += DAY
    world.buy(WBTC, 500, 5, gas_quote=1)
    world.sell(WBTC, 2, 200, gas_quote=1, exit_reason="partial")
    world.sell(WBTC, 3, 270, gas_quote=1, exit_reason="stop_loss")
    world.buy(WETH, 100, 1)
    world.sell(WETH, 1, 100, exit_reason="time")
    world.revert(TradeSide.BUY, WETH, 77, gas_quote=1)
    world.buy(WBTC, 300, 3, gas_quote=1)
    unbook_trade(trade=world.buy(WETH, 900, 9, gas_quote=1), block=world.next_block())
    PaperTrade.objects.filter(status="filled").update(pool_fee_quote=3, impact_quote=2, drift_quote=-1)
    return world


def overall(period: Period) -> list[Row]:
    return performance.overall(by_token(period))


def of(world: World, **limits: object) -> Period:
    return Period(user_id=world.account.user_id, **limits)  # type: ignore[arg-type]


def test_totals_are_those_of_the_trades(world: World) -> None:
    [row] = overall(of(world))
    assert (row.chain_id, row.quote_token) == (31337, USDC)
    assert row.totals == Totals(
        round_trips=3,
        wins=1,
        losses=1,
        realised=48 - 33,
        profit=48,
        loss=-33,
        trades=9,
        buys=4,
        sells=4,
        reverted=1,
        volume=1_000 + 1_050 + 500 + 200 + 270 + 100 + 100 + 300,
        gas_quote=7,
        gas_wei=9 * FEE,
        pool_fees=24,
        impact=16,
        drift=-8,
    )


def test_days_are_those_of_the_blocks(world: World) -> None:
    rows = daily(of(world), days=90)
    assert [(str(row.key), row.totals.round_trips, row.totals.realised) for row in rows] == [
        ("2025-06-15", 1, 48),
        ("2025-06-16", 2, -33),
    ]
    assert sum((row.totals for row in rows), Totals()) == overall(of(world))[0].totals


def test_tokens_add_up_to_all(world: World) -> None:
    rows = by_token(of(world))
    assert {row.key: (row.totals.round_trips, row.totals.realised, row.totals.trades) for row in rows} == {
        WETH: (2, 48, 5),
        WBTC: (1, -33, 4),
    }
    assert sum((row.totals for row in rows), Totals()) == overall(of(world))[0].totals


def test_exits_count_the_sale_that_closed(world: World) -> None:
    rows = {row.key: row.totals for row in by_exit(of(world))}
    assert {key: (totals.round_trips, totals.realised, totals.volume) for key, totals in rows.items()} == {
        "take_profit": (1, 48, 1_050),
        "stop_loss": (1, -33, 270),
        "time": (1, 0, 100),
        "partial": (0, 0, 200),
    }


def test_a_period_ends_before_its_end(world: World) -> None:
    second = PaperTrade.objects.get(exit_reason="stop_loss").block_time
    assert second is not None
    [before] = overall(of(world, until=second))
    [after] = overall(of(world, since=second))
    assert (before.totals.realised, after.totals.realised) == (48, -33)
    assert before.totals + after.totals == overall(of(world))[0].totals


def test_nothing_is_nothing(world: World) -> None:
    assert overall(of(world, since=datetime(2030, 1, 1, tzinfo=UTC))) == []
    assert overall(Period(user_id=User.objects.create(username="mallory").pk)) == []


def test_a_round_trip_is_the_session_s_that_closed_it(world: World) -> None:
    BotSession.objects.update(status=SessionStatus.ENDED)
    second = World(account=world.account, session=new_session(world.account), block=world.block)
    second.sell(WBTC, 3, 320, gas_quote=1, exit_reason="take_profit")
    [first_row] = overall(of(world, session_id=world.session.pk))
    [second_row] = overall(of(world, session_id=second.session.pk))
    assert (first_row.totals.round_trips, first_row.totals.realised) == (3, 15)
    assert (second_row.totals.round_trips, second_row.totals.realised) == (1, 320 - 300 - 2)
    assert overall(of(world, account_id=world.account.pk))[0].totals == first_row.totals + second_row.totals


def test_a_reset_is_no_round_trip(world: World) -> None:
    BotSession.objects.update(status=SessionStatus.ENDED)
    before = overall(of(world))
    reset_account(account=world.account, deposits=DEPOSITS, block=block_at(90_000))
    assert overall(of(world)) == before


def test_amounts_of_any_size_add_up(world: World) -> None:
    most = 2**256 - 1
    PaperTrade.objects.filter(status="filled", side="buy").update(amount_in=most)
    [row] = overall(of(world, until=PaperTrade.objects.get(sequence=2).block_time))
    assert row.totals.volume == most
    assert overall(of(world))[0].totals.volume == 4 * most + 1_050 + 200 + 270 + 100


def test_the_newest_days_are_told(world: World) -> None:
    assert [str(row.key) for row in daily(of(world), days=1)] == ["2025-06-16"]
    until = datetime(2025, 6, 16, tzinfo=UTC)
    assert [str(row.key) for row in daily(of(world, until=until), days=1)] == ["2025-06-15"]
    assert daily(of(world, since=datetime(2030, 1, 1, tzinfo=UTC)), days=366) == []


@pytest.mark.parametrize("selector", [by_token, by_exit])
def test_all_of_it_takes_two_queries(world: World, selector: object) -> None:
    with CaptureQueriesContext(connection) as asked:
        selector(of(world))  # type: ignore[operator]
    assert len(asked) == 2


def test_days_take_one_query_more(world: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        daily(of(world), days=90)
    assert len(asked) == 3


def test_the_books_are_others_once_anything_was_booked_or_taken_back(world: World) -> None:
    user_id = world.account.user_id
    seen = [books(user_id), books(user_id)]
    trade = world.buy(WETH, 100, 1)
    seen.append(books(user_id))
    unbook_trade(trade=trade, block=world.next_block())
    seen.append(books(user_id))
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3
    assert books(User.objects.create(username="mallory").pk) == ()
