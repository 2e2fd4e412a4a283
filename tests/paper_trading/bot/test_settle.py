"""Which block takes an order, and what it does there: real pools, and a script in place of the node."""

from dataclasses import replace

import pytest

from chain.errors import HistoryUnavailable, NodeUnavailable, RpcError, SlotNotFound
from chain.source import CallOutcome
from dex.market.state import MarketState
from dex.routing.plan import SwapPlan
from dex.types import Address
from paper_trading.bot.book import Book, Pending
from paper_trading.bot.settle import MISSED, Settlement, settle
from paper_trading.models import TradeSide, TradeStatus
from paper_trading.services.fill import FillStatus, Witness
from paper_trading.services.simulator import PaperExecutor
from paper_trading.tokens import NATIVE
from tests.support.small_desk import (
    ALT,
    DOLLAR,
    FIRST,
    GWEI,
    INFOS,
    ONE,
    USD,
    WETH,
    ScriptedWitness,
    block,
    market,
    outcome,
    plan,
    pools,
    quiet,
    swapped,
)

PAID = 1_000 * DOLLAR
BUY = plan(USD, WETH, amount_in=PAID, max_fee=2 * GWEI)
RICH = {USD.address: 10_000 * DOLLAR, NATIVE: ONE}
AGREED = outcome(PAID, BUY.quoted_out)
UNPAID = replace(outcome(0, 0), revert_reason="TransferHelper: TRANSFER_FROM_FAILED")


def waiting(*plans: SwapPlan) -> tuple[Pending, ...]:
    return tuple(
        Pending(
            trade_id=number,
            side=TradeSide.BUY if order.token_in == USD.address else TradeSide.SELL,
            token=order.token_out if order.token_in == USD.address else order.token_in,
            plan=order,
        )
        for number, order in enumerate(plans, start=1)
    )


async def settled(
    *plans: SwapPlan,
    base_fees: tuple[int | None, ...] = (GWEI,),
    script: tuple[CallOutcome | Exception, ...] = (AGREED,),
    balances: dict[Address, int] | None = None,
    at: MarketState | None = None,
    alone: bool = False,
) -> Settlement:
    """After one block for every base fee."""
    state = market() if at is None else at
    for number, base_fee in enumerate(base_fees, start=FIRST + 1):
        state.apply(quiet(number, base_fee=base_fee))
    book = Book(
        balances=RICH if balances is None else balances,
        positions={},
        pending=waiting(*plans),
        last_trade_blocks={},
        gas_quote=0,
    )
    executor = PaperExecutor(None if alone else ScriptedWitness(*script))
    return await settle(book, market=state, executor=executor, worth=lambda wei: wei // GWEI)


async def test_an_order_waits_for_a_block_after_its_own() -> None:
    assert await settled(BUY, base_fees=()) == Settlement(fills=(), given_up=())


async def test_the_next_block_fills_it() -> None:
    done = await settled(BUY)
    [(_, filled)] = done.fills
    assert (filled.trade_id, filled.fill.block) == (1, block(FIRST + 1))
    assert (filled.fill.amount_in, filled.fill.amount_out) == (PAID, BUY.quoted_out)
    assert (done.given_up, done.put_off) == ((), "")


async def test_it_waits_while_the_base_fee_is_above_its_cap() -> None:
    assert await settled(BUY, base_fees=(3 * GWEI, 3 * GWEI)) == Settlement(fills=(), given_up=())


async def test_the_first_block_that_covers_it_takes_it_and_no_later_one() -> None:
    [(_, filled)] = (await settled(BUY, base_fees=(3 * GWEI, 2 * GWEI, GWEI))).fills
    assert (filled.fill.block.number, filled.fill.base_fee) == (FIRST + 2, 2 * GWEI)


async def test_it_is_filled_on_the_pools_of_the_block_that_takes_it() -> None:
    state = market()
    state.apply(swapped(pools(), block(FIRST + 1), 100_000 * DOLLAR, zero_for_one=False))
    after_first = dict(state.states)
    state.apply(swapped(after_first, block(FIRST + 2), 100_000 * DOLLAR))
    [(_, filled)] = (await settled(BUY, at=state, base_fees=(), alone=True)).fills
    expected = after_first[BUY.path.hops[0].pool].quote_exact_in(PAID, zero_for_one=True)
    assert filled.fill.amount_out == expected


async def test_it_expires_when_no_block_up_to_its_deadline_covered_it() -> None:
    done = await settled(BUY, base_fees=(3 * GWEI,) * (BUY.deadline - BUY.decided_at.timestamp + 1))
    assert [(order.trade_id, order.status) for order in done.given_up] == [(1, TradeStatus.EXPIRED)]
    assert done.fills == ()


async def test_an_order_whose_blocks_were_missed_is_cancelled() -> None:
    state = MarketState(INFOS, keep_blocks=2)
    state.load(block(FIRST), pools())
    done = await settled(BUY, at=state, base_fees=(3 * GWEI, GWEI, GWEI))
    assert [(order.status, order.reason) for order in done.given_up] == [(TradeStatus.CANCELLED, MISSED)]


async def test_an_order_that_the_account_can_no_longer_pay_reverts_and_pays_its_gas() -> None:
    done = await settled(BUY, balances={USD.address: PAID - 1, NATIVE: ONE}, script=(UNPAID,))
    [(_, filled)] = done.fills
    assert (filled.fill.status, filled.fill.witness) == (FillStatus.REVERTED, Witness.BOTH)
    assert filled.fill.fee_paid > 0


async def test_an_earlier_fill_leaves_that_much_less_for_the_next_order() -> None:
    other = plan(USD, WETH, ALT, amount_in=PAID)
    done = await settled(BUY, other, balances={USD.address: 2 * PAID - 1, NATIVE: ONE}, script=(AGREED, UNPAID))
    assert [filled.fill.status for _, filled in done.fills] == [FillStatus.FILLED, FillStatus.REVERTED]


async def test_what_an_earlier_order_bought_a_later_one_can_sell() -> None:
    sale = plan(WETH, USD, amount_in=BUY.quoted_out)
    sold = outcome(sale.amount_in, sale.quoted_out)
    done = await settled(BUY, sale, script=(AGREED, sold))
    assert [filled.trade_id for _, filled in done.fills] == [1, 2]


@pytest.mark.parametrize(("short", "filled"), [(0, 1), (1, 0)])
async def test_an_order_is_filled_only_when_the_account_can_pay_its_gas(short: int, filled: int) -> None:
    gas = AGREED.gas_used * BUY.max_fee_per_gas
    done = await settled(BUY, balances={USD.address: PAID, NATIVE: gas - short})
    assert (len(done.fills), len(done.given_up)) == (filled, 1 - filled)


async def test_two_orders_pay_their_gas_one_after_the_other() -> None:
    paid = AGREED.gas_used * (GWEI + BUY.max_priority_fee_per_gas)
    needed = AGREED.gas_used * BUY.max_fee_per_gas
    done = await settled(BUY, BUY, balances={USD.address: 2 * PAID, NATIVE: paid + needed - 1})
    assert ([filled.trade_id for _, filled in done.fills], [order.trade_id for order in done.given_up]) == ([1], [2])
    assert done.given_up[0].reason == f"no node would take it: gas may cost {needed} wei, more than the account has"


async def test_a_recorded_fill_needs_no_gas_money() -> None:
    done = await settled(BUY, base_fees=(None,), balances={USD.address: PAID}, alone=True)
    assert [filled.gas_quote for _, filled in done.fills] == [0]


async def test_while_the_node_is_away_the_order_and_those_behind_it_wait() -> None:
    other = plan(USD, WETH, ALT, amount_in=PAID)
    done = await settled(BUY, other, script=(NodeUnavailable("the node is away"), AGREED))
    assert done == Settlement(fills=(), given_up=(), put_off="the node is away")


async def test_what_was_judged_before_the_node_went_away_stands() -> None:
    done = await settled(BUY, BUY, BUY, script=(AGREED, SlotNotFound("no slot"), NodeUnavailable("gone")))
    assert [filled.trade_id for _, filled in done.fills] == [1]
    assert [order.trade_id for order in done.given_up] == [2]
    assert done.put_off == "gone"


async def test_an_order_whose_execution_the_node_refuses_is_asked_for_again_with_those_behind_it() -> None:
    done = await settled(BUY, BUY, script=(RpcError("out of memory"), AGREED))
    assert done == Settlement(fills=(), given_up=(), put_off="out of memory")


async def test_an_order_that_the_node_refuses_past_its_deadline_is_cancelled_alone() -> None:
    late = (GWEI,) * (BUY.deadline - BUY.decided_at.timestamp + 1)
    done = await settled(BUY, BUY, base_fees=late, script=(RpcError("out of memory"), AGREED))
    assert [(order.trade_id, order.status) for order in done.given_up] == [(1, TradeStatus.CANCELLED)]
    assert done.given_up[0].reason == "the node would not execute it: out of memory"
    assert [filled.trade_id for _, filled in done.fills] == [2]


@pytest.mark.parametrize("cannot", [SlotNotFound("no slot"), HistoryUnavailable("pruned")])
async def test_an_order_that_the_node_can_never_execute_is_cancelled_alone(cannot: Exception) -> None:
    done = await settled(BUY, BUY, script=(cannot, AGREED))
    assert [(order.trade_id, order.reason) for order in done.given_up] == [(1, str(cannot))]
    assert [filled.trade_id for _, filled in done.fills] == [2]


async def test_an_order_that_waits_does_not_hold_up_the_next() -> None:
    patient = plan(USD, WETH, amount_in=PAID, max_fee=GWEI // 2)
    done = await settled(patient, BUY)
    assert [filled.trade_id for _, filled in done.fills] == [2]


async def test_a_revert_pays_gas_and_explains_nothing() -> None:
    [(_, filled)] = (await settled(BUY, script=(outcome(0, 0, revert_reason="no"),))).fills
    assert filled.fill.status is FillStatus.REVERTED
    assert filled.gas_quote == filled.fill.fee_paid // GWEI > 0
    assert (filled.pool_fee_quote, filled.impact_quote, filled.drift_quote) == (0, 0, 0)


async def test_a_buys_costs_are_counted_in_the_quote_it_paid() -> None:
    [(_, filled)] = (await settled(BUY)).fills
    mid = PAID * ONE // (2_500 * DOLLAR)
    worth_lost = PAID - PAID * BUY.quoted_out // mid
    assert filled.pool_fee_quote == pytest.approx(3 * DOLLAR)
    assert filled.pool_fee_quote + filled.impact_quote == pytest.approx(worth_lost, abs=2)
    assert filled.drift_quote == 0


async def test_a_sales_costs_are_counted_in_the_quote_it_brought() -> None:
    sale = plan(WETH, USD, amount_in=ONE)
    [(_, filled)] = (await settled(sale, balances={WETH.address: ONE, NATIVE: ONE}, alone=True)).fills
    assert filled.pool_fee_quote == pytest.approx(7.5 * DOLLAR)
    assert filled.pool_fee_quote + filled.impact_quote == pytest.approx(2_500 * DOLLAR - sale.quoted_out, abs=2)


async def test_what_the_market_moved_against_a_buy_is_its_drift() -> None:
    """Dollars that the missing part of the quote would have cost."""
    [(_, filled)] = (await settled(BUY, script=(outcome(PAID, BUY.quoted_out * 996 // 1000),))).fills
    assert filled.drift_quote == pytest.approx(4 * DOLLAR, abs=2)


async def test_what_the_market_moved_for_a_sale_is_negative_drift() -> None:
    sale = plan(WETH, USD, amount_in=ONE)
    better = outcome(ONE, sale.quoted_out + 5 * DOLLAR)
    [(_, filled)] = (await settled(sale, script=(better,), balances={WETH.address: ONE, NATIVE: ONE})).fills
    assert filled.drift_quote == -5 * DOLLAR
