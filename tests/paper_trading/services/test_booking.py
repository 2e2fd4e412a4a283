from dataclasses import replace
from typing import NoReturn

import pytest
from django.db import transaction

from chain.source import GasSource
from paper_trading import selectors
from paper_trading.errors import AlreadyBooked, InsufficientBalance, PositionExceeded, UnbookRefused
from paper_trading.models import (
    FillReceipt,
    LedgerEntry,
    LedgerPosting,
    PaperTrade,
    Position,
    PositionStatus,
    TradeSide,
    TradeStatus,
)
from paper_trading.selectors import balances, booked_in_blocks, check_ledger, last_receipt_of
from paper_trading.services import booking
from paper_trading.services.accounts import reset_account
from paper_trading.services.booking import book_fill, unbook_trade
from paper_trading.services.fill import Witness
from paper_trading.services.positions import inherit_position
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import (
    DEPOSITS,
    FEE,
    GAS,
    USDC,
    WBTC,
    WETH,
    World,
    block_at,
    fill_of,
    new_session,
    new_world,
    revert_in,
)


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def test_a_fill_moves_both_tokens_and_pays_its_gas(world: World) -> None:
    world.buy(WETH, 3_000, 10**15)
    assert balances(world.account) == {
        USDC: DEPOSITS[USDC] - 3_000,
        WETH: 10**15,
        NATIVE: DEPOSITS[NATIVE] - FEE,
    }


def test_a_fill_marks_its_trade(world: World) -> None:
    trade = world.buy(WETH, 3_000, 10**15, gas_quote=7)
    assert (trade.status, trade.amount_out, trade.block_number) == (TradeStatus.FILLED, 10**15, world.block)
    assert (trade.gas_used, trade.fee_paid, trade.gas_quote) == (GAS, FEE, 7)


def test_a_revert_pays_gas_only(world: World) -> None:
    trade = world.revert(TradeSide.BUY, WETH, 3_000)
    assert balances(world.account) == {USDC: DEPOSITS[USDC], NATIVE: DEPOSITS[NATIVE] - FEE}
    assert (trade.status, trade.position, trade.amount_in) == (TradeStatus.REVERTED, None, 3_000)


def test_a_contracts_hostile_revert_reason_can_be_stored(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3_000)
    fill = replace(revert_in(world.next_block()), revert_reason="no\x00thing\ud800" + "x" * 5_000)
    book_fill(session=world.session, trade=trade, fill=fill)
    assert trade.revert_reason.startswith("no\N{REPLACEMENT CHARACTER}thing?xxx")
    assert check_ledger(world.account) == []


def test_a_round_trip_closes_with_its_result_after_every_cost(world: World) -> None:
    world.buy(WETH, 3_000, 100, gas_quote=7)
    world.buy(WETH, 2_000, 50, gas_quote=8)
    world.revert(TradeSide.SELL, WETH, 150, gas_quote=9)
    world.sell(WETH, 60, 2_500, gas_quote=10)
    world.sell(WETH, 90, 4_000, gas_quote=11, exit_reason="take profit")
    position = Position.objects.get()
    assert (position.status, position.quantity, position.bought) == (PositionStatus.CLOSED, 0, 150)
    assert (position.cost, position.proceeds, position.fees_quote) == (5_000, 6_500, 45)
    assert (position.result, position.exit_reason) == (6_500 - 5_000 - 45, "take profit")
    assert (position.closed_block, position.closed_at) == (world.block, PaperTrade.objects.latest("pk").block_time)


def test_a_position_that_is_open_again_was_not_closed(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    sale = world.sell(WETH, 100, 2_900)
    unbook_trade(trade=sale, block=world.next_block())
    position = Position.objects.get()
    assert (position.status, position.closed_block, position.closed_at) == ("open", None, None)


def test_what_is_left_costs_its_share(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    world.sell(WETH, 25, 900)
    assert Position.objects.get().remaining_cost == 2_250


def test_the_next_buy_after_a_close_opens_another_position(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    world.sell(WETH, 100, 2_900)
    world.buy(WETH, 3_000, 99)
    assert [position.status for position in Position.objects.order_by("pk")] == ["closed", "open"]


def test_booking_twice_changes_nothing(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3_000)
    fill = fill_of(world.next_block(), 3_000, 100)
    for _ in range(2):
        book_fill(session=world.session, trade=trade, fill=fill)
    assert balances(world.account)[WETH] == 100
    assert FillReceipt.objects.count() == 1


def test_another_outcome_for_a_booked_trade_is_refused(world: World) -> None:
    trade = world.buy(WETH, 3_000, 100)
    with pytest.raises(AlreadyBooked):
        book_fill(session=world.session, trade=trade, fill=fill_of(block_at(world.block), 3_000, 101))
    assert check_ledger(world.account) == []


def test_an_expired_trade_cannot_be_filled(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3_000)
    PaperTrade.objects.update(status=TradeStatus.EXPIRED)
    with pytest.raises(AlreadyBooked):
        book_fill(session=world.session, trade=trade, fill=fill_of(world.next_block(), 3_000, 100))


def test_the_wallet_never_goes_below_zero(world: World) -> None:
    with pytest.raises(InsufficientBalance):
        world.buy(WETH, DEPOSITS[USDC] + 1, 100)
    assert balances(world.account) == DEPOSITS


def test_gas_that_cannot_be_paid_undoes_the_whole_fill(books_db: str) -> None:
    world = new_world(deposits={USDC: 10_000, NATIVE: FEE - 1})
    with pytest.raises(InsufficientBalance):
        world.buy(WETH, 3_000, 100)
    assert balances(world.account) == {USDC: 10_000, NATIVE: FEE - 1}
    assert PaperTrade.objects.get().status == TradeStatus.PENDING
    assert Position.objects.count() == 0


def test_a_sale_larger_than_its_position_is_refused_whole(books_db: str) -> None:
    world = new_world(deposits=DEPOSITS | {WETH: 500})
    world.buy(WETH, 3_000, 100)
    with pytest.raises(PositionExceeded):
        world.sell(WETH, 101, 3_000)
    assert balances(world.account)[WETH] == 600


def test_a_deposit_is_sold_without_a_position(books_db: str) -> None:
    world = new_world(deposits=DEPOSITS | {WETH: 500})
    assert world.sell(WETH, 200, 3_000).position is None
    assert check_ledger(world.account) == []


def test_a_deposit_taken_over_is_a_position_with_a_result(books_db: str) -> None:
    world = new_world(deposits=DEPOSITS | {WETH: 500})
    inherit_position(session=world.session, token=WETH, quantity=500, cost=10_000, block=block_at(1))
    world.sell(WETH, 500, 12_000, gas_quote=5)
    assert Position.objects.get().result == 1_995
    assert check_ledger(world.account) == []


def test_no_more_than_the_wallet_holds_is_taken_over(world: World) -> None:
    with pytest.raises(InsufficientBalance):
        inherit_position(session=world.session, token=WETH, quantity=1, cost=1, block=block_at(1))


@pytest.mark.parametrize("step", ["book_legs", "write_values", "write", "insert_rows", "_add_gas", "fill_booked"])
def test_a_crash_in_the_middle_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    real = getattr(booking, step)

    def crash(*args: object, **kwargs: object) -> NoReturn:
        real(*args, **kwargs)
        raise KeyboardInterrupt

    trade = world.trade(TradeSide.BUY, WETH, 3_000)
    monkeypatch.setattr(booking, step, crash)
    with pytest.raises(KeyboardInterrupt):
        book_fill(session=world.session, trade=trade, fill=fill_of(world.next_block(), 3_000, 100))
    assert balances(world.account) == DEPOSITS
    assert (Position.objects.count(), FillReceipt.objects.count(), LedgerPosting.objects.count()) == (0, 0, 1)
    assert PaperTrade.objects.get().status == TradeStatus.PENDING
    assert check_ledger(world.account) == []


def test_a_caller_that_fails_afterwards_takes_the_booking_with_it(world: World) -> None:
    with transaction.atomic():
        world.buy(WETH, 3_000, 100)
        transaction.set_rollback(True)
    assert balances(world.account) == DEPOSITS


def test_unbooking_restores_the_wallet_and_the_position(world: World) -> None:
    world.buy(WETH, 3_000, 100, gas_quote=7)
    sale = world.sell(WETH, 100, 2_900)
    unbook_trade(trade=sale, block=world.next_block())
    position = Position.objects.get()
    assert balances(world.account)[WETH] == 100
    assert balances(world.account)[NATIVE] == DEPOSITS[NATIVE] - FEE
    assert (position.status, position.quantity, position.proceeds, position.result) == ("open", 100, 0, None)
    assert sale.status == TradeStatus.UNBOOKED
    assert check_ledger(world.account) == []


def test_unbooking_the_only_buy_removes_its_position(world: World) -> None:
    buy = world.buy(WETH, 3_000, 100)
    unbook_trade(trade=buy, block=world.next_block())
    assert Position.objects.count() == 0
    assert balances(world.account) == DEPOSITS | {WETH: 0}


def test_unbooking_twice_changes_nothing(world: World) -> None:
    buy = world.buy(WETH, 3_000, 100)
    for _ in range(2):
        unbook_trade(trade=buy, block=world.next_block())
    assert FillReceipt.objects.count() == 2


def test_an_unbooked_trade_is_filled_again_by_another_block(world: World) -> None:
    buy = world.buy(WETH, 3_000, 100)
    unbook_trade(trade=buy, block=block_at(3, fork=1))
    book_fill(session=world.session, trade=buy, fill=fill_of(block_at(4, fork=1), 3_000, 98))
    assert balances(world.account)[WETH] == 98
    assert [receipt.kind for receipt in FillReceipt.objects.order_by("sequence")] == ["fill", "reversal", "fill"]
    assert check_ledger(world.account) == []


def test_the_same_decision_can_be_made_again_on_the_block_that_replaced_it(world: World) -> None:
    buy = world.buy(WETH, 3_000, 100)
    unbook_trade(trade=buy, block=block_at(3, fork=1))
    world.block = buy.decided_block
    assert world.buy(WETH, 2_000, 70).status == TradeStatus.FILLED
    assert check_ledger(world.account) == []


def test_only_the_newest_trade_can_be_unbooked(world: World) -> None:
    first = world.buy(WETH, 3_000, 100)
    world.buy(WBTC, 3_000, 100)
    with pytest.raises(UnbookRefused):
        unbook_trade(trade=first, block=world.next_block())


def test_trades_of_removed_blocks_come_last_booked_first(world: World) -> None:
    late = world.trade(TradeSide.BUY, WETH, 1_000)
    first = world.buy(WBTC, 3_000, 100)
    book_fill(session=world.session, trade=late, fill=fill_of(world.next_block(), 1_000, 10))
    hashes = [first.block_hash, block_at(world.block).hash]
    assert booked_in_blocks(world.account, hashes) == [late, first]


def test_a_trade_from_before_a_reset_stays_booked(world: World) -> None:
    buy = world.buy(WETH, 3_000, 100)
    world.session.status = "ended"
    world.session.save(update_fields=["status"])
    reset_account(account=world.account, deposits=DEPOSITS, block=world.next_block())
    with pytest.raises(UnbookRefused):
        unbook_trade(trade=buy, block=world.next_block())


def test_a_position_outlives_its_session(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    world.session.status = "ended"
    world.session.save(update_fields=["status"])
    world.session = new_session(world.account)
    world.sell(WETH, 100, 2_900)
    assert Position.objects.get().status == PositionStatus.CLOSED
    assert check_ledger(world.account) == []


def test_a_fill_of_another_session_is_refused(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3_000)
    world.session.pk += 1
    with pytest.raises(ValueError, match="not of session"):
        book_fill(session=world.session, trade=trade, fill=fill_of(world.next_block(), 3_000, 100))


def test_a_receipt_tells_what_anyone_needs_to_check_the_fill(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    trade = world.trade(TradeSide.SELL, WETH, 40)
    fill = replace(fill_of(world.next_block(), 40, 1_100), witness=Witness.DISPUTED, model_amount_out=1_101)
    book_fill(session=world.session, trade=trade, fill=fill)
    receipt = last_receipt_of(trade)
    assert receipt is not None
    assert (receipt.witness, receipt.model_amount_out, receipt.node_amount_out) == ("disputed", 1_101, 1_100)
    assert (receipt.balance_in, receipt.balance_out) == (100, DEPOSITS[USDC] - 3_000)
    assert receipt.native_balance == DEPOSITS[NATIVE] - FEE
    assert (receipt.sender, receipt.calldata) == (world.account.address, trade.plan["calldata"])
    assert (receipt.decision_hash, receipt.gas_source) == (trade.plan["decided_at"]["hash"], "simulated")
    assert trade.disputed


def test_a_fill_of_a_recording_pays_nothing(world: World) -> None:
    trade = world.trade(TradeSide.BUY, WETH, 3_000)
    fill = replace(
        fill_of(replace(world.next_block(), base_fee_per_gas=None), 3_000, 100),
        witness=Witness.MODEL_ONLY,
        node_amount_out=None,
        gas_used=0,
        gas_source=GasSource.UNRECORDED,
        base_fee=None,
        tip=0,
        fee_paid=0,
    )
    book_fill(session=world.session, trade=trade, fill=fill)
    assert balances(world.account)[NATIVE] == DEPOSITS[NATIVE]
    assert LedgerEntry.objects.filter(book="network").count() == 0
    assert selectors.check_ledger(world.account) == []
