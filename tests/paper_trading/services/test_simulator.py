"""How two witnesses become one fill. The pools are real models; the node is a script."""

import pytest

from chain.errors import NodeDisagrees, NodeUnavailable, OverridesUnsupported, SlotNotFound
from chain.source import CallOutcome, GasSource
from dex.errors import HaltSession
from dex.gas.table import swap_gas_bound
from dex.types import BlockRef
from paper_trading.services.fill import Fill, FillStatus, Witness
from paper_trading.services.simulator import PaperExecutor, swap_call, tip_paid
from paper_trading.tokens import NATIVE
from tests.support.small_desk import (
    ALT,
    DOLLAR,
    FIRST,
    GWEI,
    ONE,
    SENDER,
    USD,
    WETH,
    ScriptedWitness,
    block,
    outcome,
    plan,
    pools,
)

PAID = 1_000 * DOLLAR
ORDER = plan(USD, WETH, amount_in=PAID, max_fee=2 * GWEI, tip=GWEI // 10)
HOPELESS = plan(USD, WETH, amount_in=PAID, tolerance_bps=0)
BLOCK = block(FIRST + 1)
TIP = GWEI // 10
BALANCES = {USD.address: 7_000 * DOLLAR, ALT.address: 5, NATIVE: 9}
AGREED = outcome(PAID, ORDER.quoted_out, gas_used=120_000)


async def fill(
    *script: CallOutcome | Exception, at: BlockRef = BLOCK, order: object = None, moved: bool = False
) -> Fill:
    states = pools()
    if moved:
        for address, pool in states.items():
            states[address] = pool.swap(10**9, zero_for_one=True)[0]
    executor = PaperExecutor(ScriptedWitness(*script) if script else None)
    return await executor.fill(
        ORDER if order is None else order,  # type: ignore[arg-type]
        block=at,
        states=states,
        balances=BALANCES,
        native_balance=ONE,
    )


async def test_two_witnesses_that_agree_make_an_undisputed_fill() -> None:
    done = await fill(AGREED)
    assert (done.status, done.witness) == (FillStatus.FILLED, Witness.BOTH)
    assert (done.amount_in, done.amount_out) == (PAID, ORDER.quoted_out)


async def test_the_fee_is_the_nodes_gas_at_the_blocks_price_and_the_data_fee() -> None:
    done = await fill(outcome(PAID, ORDER.quoted_out, gas_used=123_456, l1_fee=777))
    assert (done.gas_used, done.gas_source, done.l1_fee) == (123_456, GasSource.SIMULATED, 777)
    assert done.fee_paid == 123_456 * (GWEI + TIP) + 777


async def test_where_the_amounts_differ_the_nodes_fills_and_both_are_kept() -> None:
    done = await fill(outcome(PAID, ORDER.quoted_out - 1))
    assert done.witness is Witness.DISPUTED
    assert (done.amount_out, done.node_amount_out) == (ORDER.quoted_out - 1, ORDER.quoted_out - 1)
    assert done.model_amount_out == ORDER.quoted_out


async def test_a_different_amount_in_is_a_dispute_too() -> None:
    done = await fill(outcome(PAID - 1, ORDER.quoted_out))
    assert (done.witness, done.amount_in) == (Witness.DISPUTED, PAID - 1)


async def test_a_node_that_differs_once_and_then_agrees_is_no_dispute() -> None:
    done = await fill(outcome(PAID, ORDER.quoted_out + 7), AGREED)
    assert (done.witness, done.amount_out) == (Witness.BOTH, ORDER.quoted_out)


async def test_a_dispute_is_what_the_node_says_twice_running() -> None:
    other, repeated = outcome(PAID, ORDER.quoted_out + 7), outcome(PAID, ORDER.quoted_out + 8)
    done = await fill(other, repeated, repeated, AGREED)
    assert (done.witness, done.amount_out) == (Witness.DISPUTED, ORDER.quoted_out + 8)


async def test_a_node_that_never_says_the_same_twice_is_not_believed() -> None:
    with pytest.raises(NodeDisagrees, match="differently each time"):
        await fill(*(outcome(PAID, ORDER.quoted_out + more) for more in (1, 2, 3, 4, 5)))


async def test_a_revert_that_the_model_did_not_see_is_a_disputed_revert() -> None:
    done = await fill(outcome(0, 0, revert_reason="TransferHelper: TRANSFER_FROM_FAILED"))
    assert (done.status, done.witness) == (FillStatus.REVERTED, Witness.DISPUTED)
    assert (done.amount_in, done.amount_out, done.model_amount_out) == (0, 0, ORDER.quoted_out)


async def test_a_fill_that_the_model_refused_is_disputed_and_fills() -> None:
    done = await fill(outcome(PAID, ORDER.quoted_out), order=HOPELESS, moved=True)
    assert (done.status, done.witness, done.model_amount_out) == (FillStatus.FILLED, Witness.DISPUTED, 0)


async def test_two_witnesses_that_refuse_agree_whatever_their_words() -> None:
    done = await fill(outcome(0, 0, revert_reason="0x"), order=HOPELESS, moved=True)
    assert (done.status, done.witness, done.revert_reason) == (FillStatus.REVERTED, Witness.BOTH, "0x")


async def test_a_revert_still_pays_its_gas() -> None:
    done = await fill(outcome(0, 0, gas_used=40_000, revert_reason="no"))
    assert done.fee_paid == 40_000 * (GWEI + TIP)


async def test_a_node_without_overrides_leaves_the_model_and_the_table() -> None:
    done = await fill(OverridesUnsupported("none"))
    assert (done.witness, done.node_amount_out, done.gas_source) == (Witness.MODEL_ONLY, None, GasSource.TABLED)
    assert done.gas_used == swap_gas_bound(ORDER.path)
    assert done.fee_paid == done.gas_used * (GWEI + TIP)


async def test_a_recording_charges_no_fee() -> None:
    done = await fill(at=block(FIRST + 1, base_fee=None))
    assert (done.witness, done.gas_source) == (Witness.MODEL_ONLY, GasSource.UNRECORDED)
    assert (done.base_fee, done.gas_used, done.tip, done.fee_paid) == (None, 0, 0, 0)
    assert done.amount_out == ORDER.quoted_out


async def test_the_model_alone_reverts_under_the_minimum() -> None:
    done = await fill(order=HOPELESS, moved=True, at=block(FIRST + 1, base_fee=None))
    assert (done.status, done.amount_out) == (FillStatus.REVERTED, 0)
    assert done.revert_reason == "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT"


@pytest.mark.parametrize(
    ("base_fee", "tip"), [(GWEI, TIP), (2 * GWEI - TIP, TIP), (2 * GWEI - 5, 5), (2 * GWEI, 0), (None, 0)]
)
def test_the_tip_is_what_the_fee_cap_leaves_of_it(base_fee: int | None, tip: int) -> None:
    assert tip_paid(ORDER, base_fee) == tip


async def test_a_capped_tip_is_what_is_paid() -> None:
    done = await fill(AGREED, at=block(FIRST + 1, base_fee=2 * GWEI - 5))
    assert (done.tip, done.fee_paid) == (5, 120_000 * 2 * GWEI)


async def test_a_node_that_gives_a_block_without_a_base_fee_halts_the_session() -> None:
    with pytest.raises(HaltSession, match="without a base fee"):
        await fill(AGREED, at=block(FIRST + 1, base_fee=None))


@pytest.mark.parametrize("error", [NodeUnavailable("away"), SlotNotFound("odd token")])
async def test_what_the_caller_must_judge_is_passed_on(error: Exception) -> None:
    with pytest.raises(type(error)):
        await fill(error)


async def test_the_node_is_asked_with_the_accounts_true_balances_of_both_tokens() -> None:
    witness = ScriptedWitness(AGREED)
    await PaperExecutor(witness).fill(ORDER, block=BLOCK, states=pools(), balances=BALANCES, native_balance=ONE)
    [(call, at)] = witness.asked
    assert call.balances == {USD.address: 7_000 * DOLLAR, WETH.address: 0}
    assert (call.native_balance, at) == (ONE, BLOCK)


def test_the_call_is_the_plans_calldata_from_its_sender_to_its_router() -> None:
    call = swap_call(ORDER, balances={}, native_balance=0)
    assert (call.sender, call.to, call.data) == (SENDER, ORDER.router, ORDER.calldata)
    assert (call.token_in, call.token_out, call.amount_in) == (USD.address, WETH.address, PAID)
