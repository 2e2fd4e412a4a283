from dataclasses import replace

import pytest

from chain.errors import NodeUnavailable, OverridesUnsupported, SlotNotFound
from chain.source import CallOutcome
from dex.gas.table import swap_gas_bound
from paper_trading.bot.gas_book import GasBook
from tests.paper_trading.world import fill_of, revert_in
from tests.support.small_desk import DOLLAR, FIRST, ONE, USD, WETH, ScriptedWitness, block, outcome, path, plan

WAY = path(USD, WETH)
PLAN = plan(USD, WETH, amount_in=50 * DOLLAR)
FILL = fill_of(block(FIRST + 1), 50 * DOLLAR, 10**16)


async def measured(*script: CallOutcome | Exception) -> GasBook:
    book = GasBook(ScriptedWitness(*script) if script else None)
    await book.measure(PLAN, block=block(FIRST), balances={USD.address: 50 * DOLLAR}, native_balance=ONE)
    return book


def test_a_path_that_nobody_measured_has_no_gas_and_is_wanted() -> None:
    book = GasBook(None)
    assert (book.units(WAY), book.fee(WAY, 10**9)) == (None, None)
    assert list(book.wanted) == [WAY]


def test_what_was_learnt_is_known_and_wanted_no_more() -> None:
    book = GasBook(None)
    book.units(WAY)
    book.learn(WAY, units=111_000, l1_fee=0)
    assert (book.units(WAY), list(book.wanted)) == (111_000, [])


def test_every_path_has_its_own_gas() -> None:
    book = GasBook(None)
    book.learn(WAY, units=111_000, l1_fee=0)
    assert book.units(path(WETH, USD)) is None


def test_a_fee_is_units_times_price_and_the_data_fee() -> None:
    book = GasBook(None)
    book.learn(WAY, units=111_000, l1_fee=77)
    assert book.fee(WAY, 10**9) == 111_000 * 10**9 + 77


async def test_the_nodes_measurement_is_what_the_path_uses() -> None:
    book = await measured(outcome(50 * DOLLAR, 10**16, gas_used=123_456, l1_fee=7))
    assert book.fee(WAY, 1) == 123_463


async def test_a_node_that_executes_nothing_leaves_the_tables_bound() -> None:
    book = await measured(OverridesUnsupported("none"))
    assert book.units(WAY) == swap_gas_bound(WAY)


async def test_a_probe_that_reverts_is_no_measure_of_the_whole_way() -> None:
    book = await measured(outcome(0, 0, gas_used=30_000, revert_reason="TransferHelper: TRANSFER_FAILED"))
    assert book.units(WAY) == swap_gas_bound(WAY)


async def test_a_recording_measures_nothing() -> None:
    assert (await measured()).units(WAY) is None


@pytest.mark.parametrize("error", [NodeUnavailable("away"), SlotNotFound("odd")])
async def test_what_the_caller_must_judge_is_passed_on(error: Exception) -> None:
    with pytest.raises(type(error)):
        await measured(error)


async def test_the_node_is_asked_for_the_plan_at_the_block() -> None:
    witness = ScriptedWitness(outcome(50 * DOLLAR, 10**16))
    await GasBook(witness).measure(PLAN, block=block(FIRST), balances={USD.address: 9}, native_balance=5)
    [(call, at)] = witness.asked
    assert (call.data, call.balances, call.native_balance) == (PLAN.calldata, {USD.address: 9, WETH.address: 0}, 5)
    assert at == block(FIRST)


def test_a_fill_is_the_newest_measurement() -> None:
    book = GasBook(None)
    book.learn(WAY, units=111_000, l1_fee=0)
    book.learn_fill(WAY, FILL)
    assert book.units(WAY) == FILL.gas_used


def test_a_reverted_trade_teaches_nothing() -> None:
    book = GasBook(None)
    book.learn(WAY, units=111_000, l1_fee=0)
    book.learn_fill(WAY, revert_in(block(FIRST + 1)))
    assert book.units(WAY) == 111_000


def test_a_recorded_fill_without_fees_teaches_nothing() -> None:
    book = GasBook(None)
    book.learn_fill(WAY, replace(FILL, base_fee=None, gas_used=0, tip=0, fee_paid=0))
    assert book.units(WAY) is None
