"""Every change of the books is told exactly once, and only what really changed."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from paper_trading.intelligence.base import Action
from paper_trading.models import PaperTrade, TradeSide, TradeStatus
from paper_trading.services.accounts import close_account, reset_account
from paper_trading.services.announcements import fill_booked, order_placed
from paper_trading.services.booking import book_fill, unbook_trade
from paper_trading.services.decisions import Decided, Thoughts, store_thoughts
from paper_trading.services.orders import GivenUp, give_up
from paper_trading.services.positions import inherit_position
from paper_trading.signals import Change, committed
from tests.paper_trading.services.test_orders import place
from tests.paper_trading.services.test_ticks import thought
from tests.paper_trading.world import (
    DEPOSITS,
    FEE,
    USDC,
    WETH,
    World,
    block_at,
    fill_of,
    new_account,
    new_world,
)

pytestmark = pytest.mark.django_db
Told = Callable[[], AbstractContextManager[list[Change]]]


@pytest.fixture
def world(db: None) -> World:
    return new_world()


@pytest.fixture
def telling(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Told:
    """What is told in a block, as the feed gets it."""

    @contextmanager
    def listening() -> Iterator[list[Change]]:
        changes: list[Change] = []

        def take(change: Change, **_: Any) -> None:
            changes.append(change)

        committed.connect(take)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                yield changes
        finally:
            committed.disconnect(take)

    return listening


def kinds(changes: list[Change]) -> list[str]:
    """Kinds, a position's and an account's with what happened to it."""
    return [f"{change.kind} {change.data['event']}" if "event" in change.data else change.kind for change in changes]


def test_a_position_is_told_from_its_first_buy_to_its_last_sale(world: World, telling: Told) -> None:
    with telling() as changes:
        world.buy(WETH, 3_000, 100)
        world.buy(WETH, 3_000, 100)
        world.sell(WETH, 50, 2_000)
        world.sell(WETH, 150, 5_000, exit_reason="take profit")
    assert kinds(changes) == [
        *("position opened", "entry_fill", "position changed", "entry_fill"),
        *("position changed", "exit_fill", "position closed", "exit_fill"),
    ]
    closed = changes[-2].data
    assert (closed["quantity"], closed["result"], closed["exit_reason"]) == ("0", "1000", "take profit")


def test_a_fill_says_what_the_books_say(world: World, telling: Told) -> None:
    with telling() as changes:
        trade = world.buy(WETH, 3_000, 100, gas_quote=7)
    fill = changes[-1]
    assert (fill.user_id, fill.session_id, fill.account_id) == (
        world.account.user_id,
        world.session.pk,
        trade.account_id,
    )
    assert fill.data == {
        "trade": trade.pk,
        "sequence": 1,
        "side": "buy",
        "status": "filled",
        "token_in": USDC,
        "token_out": WETH,
        "position": trade.position_id,
        "block": 2,
        "block_hash": block_at(2).hash,
        "block_time": block_at(2).timestamp,
        "amount_in": "3000",
        "amount_out": "100",
        "gas_used": 100_000,
        "fee_paid": str(FEE),
        "gas_quote": "7",
        "disputed": False,
        "exit_reason": "",
        "reason": "",
    }
    json.dumps([dict(change.data) for change in changes], allow_nan=False)


def test_a_fill_that_was_booked_before_is_not_told_again(world: World, telling: Told) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3_000)
    fill = fill_of(block_at(2), 3_000, 100)
    book_fill(session=world.session, trade=trade, fill=fill)
    with telling() as changes:
        book_fill(session=world.session, trade=trade, fill=fill)
    assert changes == []


def test_a_revert_is_told_and_no_position(world: World, telling: Told) -> None:
    with telling() as changes:
        world.revert(TradeSide.BUY, WETH, 3_000)
    assert kinds(changes) == ["entry_fill"]
    assert changes[0].data["status"] == "reverted"


def test_a_fill_that_a_reorg_took_back_is_told_once(world: World, telling: Told) -> None:
    trade = world.buy(WETH, 3_000, 100)
    with telling() as changes:
        unbook_trade(trade=trade, block=block_at(3))
        unbook_trade(trade=trade, block=block_at(3))
    assert kinds(changes) == ["position undone", "reorg"]
    assert changes[0].data["position"] is not None
    assert (changes[1].data["block"], changes[1].data["removed"]) == (3, block_at(2).hash)


def test_a_sale_that_a_reorg_took_back_opens_its_position_again(world: World, telling: Told) -> None:
    world.buy(WETH, 3_000, 100)
    sale = world.sell(WETH, 100, 5_000)
    with telling() as changes:
        unbook_trade(trade=sale, block=block_at(4))
    assert kinds(changes) == ["position changed", "reorg"]
    assert (changes[0].data["quantity"], changes[0].data["result"]) == ("100", None)


def test_a_deposit_that_becomes_a_position_is_told(telling: Told) -> None:
    world = new_world(deposits={**DEPOSITS, WETH: 500})
    with telling() as changes:
        for _ in range(2):
            inherit_position(session=world.session, token=WETH, quantity=500, cost=10_000, block=block_at(1))
    assert kinds(changes) == ["position opened"]


def test_an_order_is_told_when_it_is_placed_and_when_it_is_given_up(world: World, telling: Told) -> None:
    with telling() as changes:
        trade = place(world)
        for _ in range(2):
            give_up([GivenUp(trade_id=trade.pk, status=TradeStatus.EXPIRED, reason="no block took it")])
    assert kinds(changes) == ["entry", "entry_cancel"]
    assert changes[0].data["minimum_out"] == "990"
    assert (changes[1].data["status"], changes[1].data["reason"]) == ("expired", "no block took it")
    assert {change.user_id for change in changes} == {world.account.user_id}


def test_a_trade_that_is_booked_is_not_given_up_in_words_either(world: World, telling: Told) -> None:
    trade = world.buy(WETH, 3_000, 100)
    with telling() as changes:
        give_up([GivenUp(trade_id=trade.pk, status=TradeStatus.CANCELLED, reason="")])
    assert changes == []


def test_a_decision_is_told_when_it_is_new(world: World, telling: Told) -> None:
    def of(number: int, decided: Decided) -> Thoughts:
        return Thoughts(session_id=world.session.pk, block=block_at(number), decided=[decided])

    new = Decided(token=WETH, block=block_at(5), thought=thought(Action.HOLD))
    with telling() as changes:
        (row,) = store_thoughts([of(5, new)])[0].rows.values()
        store_thoughts([of(5, new)])
        again = Decided(token=WETH, block=block_at(6), thought=thought(Action.HOLD), row_id=row.pk)
        store_thoughts([of(6, again)])
    assert kinds(changes) == ["decision"]
    assert changes[0].user_id == world.session.user_id
    assert (changes[0].data["decision"], changes[0].data["reasons"]) == (row.pk, ["too dear"])


def test_an_account_is_told_when_it_opens_starts_over_and_closes(db: None, telling: Told) -> None:
    with telling() as changes:
        account = new_account()
        reset_account(account=account, deposits=DEPOSITS, block=block_at(1))
        for _ in range(2):
            close_account(account=account)
    assert kinds(changes) == ["account opened", "account reset", "account closed"]
    assert [change.data["generation"] for change in changes] == [1, 2, 2]


def test_telling_asks_the_database_nothing(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    trade = PaperTrade.objects.get(pk=world.buy(WETH, 3_000, 100).pk)
    with django_assert_num_queries(0):
        order_placed(trade=trade, session=world.session)
        fill_booked(trade=trade, session=world.session)


def test_a_known_owner_spares_decisions_a_query(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    new = Decided(token=WETH, block=block_at(5), thought=thought(Action.HOLD))
    with django_assert_num_queries(2):  # what is known at the block, the new rows
        store_thoughts(
            [Thoughts(session_id=world.session.pk, block=block_at(5), decided=[new], user_id=world.session.user_id)]
        )
