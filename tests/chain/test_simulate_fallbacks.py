"""What the witness does on nodes that can less than anvil."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from eth_account.typed_transactions import DynamicFeeTransaction
from eth_utils.crypto import keccak

from chain.client import ChainClient
from chain.devnet import calls
from chain.errors import OverridesUnsupported
from chain.l1_fee import GAS_PRICE_ORACLE, unsigned_transaction
from chain.networks import L1Fee
from chain.simulate import NodeWitness
from chain.source import CallOutcome, GasSource, SwapCall
from dex.market.pools import Protocol
from dex.types import BlockRef
from tests.support.faulty_node import faulty
from tests.support.small_market import SmallMarket
from tests.support.swaps import path_of, router_of, swap_call

pytestmark = pytest.mark.anvil


@asynccontextmanager
async def witness_over(market: SmallMarket, **faults: object) -> AsyncIterator[tuple[NodeWitness, BlockRef]]:
    async with faulty(market.node.url) as node:
        for name, value in faults.items():
            setattr(node, name, value)
        client = ChainClient([node.url])
        block = await client.block()
        assert block is not None
        try:
            yield NodeWitness(client, market.network), block
        finally:
            await client.close()


def a_swap(market: SmallMarket, protocol: Protocol = Protocol.V3, *, minimum_out: int = 0) -> SwapCall:
    path = path_of(market, protocol, [market.usd, market.weth, market.alt])
    return swap_call(market, path, amount_in=10**9, held_in=3 * 10**9, held_out=5, minimum_out=minimum_out)


def trade(market: SmallMarket) -> None:
    """A swap in the newest block, so that its oracle is written and the same-block rule matters for gas."""
    owner, router = market.accounts[0], router_of(market, Protocol.V2)
    market.do(owner, router, calls.v2_swap(10**6, 0, (market.usd, market.weth), owner))


async def exact(market: SmallMarket, swap: SwapCall) -> CallOutcome:
    async with witness_over(market) as (witness, block):
        return await witness.execute(swap, block)


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_a_node_that_simulates_next_blocks_only_gives_the_gas_by_trace(
    market: SmallMarket, protocol: Protocol
) -> None:
    trade(market)
    swap = a_swap(market, protocol)
    async with witness_over(market, in_order=True) as (witness, block):
        outcome = await witness.execute(swap, block)
    assert outcome == replace(await exact(market, swap), gas_source=GasSource.TRACED)


async def test_a_node_that_simulates_next_blocks_only_and_cannot_trace_pays_the_oracle_write(
    market: SmallMarket,
) -> None:
    trade(market)
    swap = a_swap(market, Protocol.V2)
    async with witness_over(market, in_order=True, missing={"debug_traceCall"}) as (witness, block):
        outcome = await witness.execute(swap, block)
    truth = await exact(market, swap)
    assert (outcome.amount_out, outcome.gas_source) == (truth.amount_out, GasSource.SIMULATED)
    assert outcome.gas_used > truth.gas_used


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_without_simulation_the_measuring_program_and_a_trace_say_the_same(
    market: SmallMarket, protocol: Protocol
) -> None:
    swap = a_swap(market, protocol)
    async with witness_over(market, missing={"eth_simulateV1"}) as (witness, block):
        outcome = await witness.execute(swap, block)
    assert outcome == replace(await exact(market, swap), gas_source=GasSource.TRACED)


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize(("late", "reason"), [(0, None), (1, "Transaction too old")])
async def test_a_deadline_holds_to_the_second(
    market: SmallMarket, in_order: bool, late: int, reason: str | None
) -> None:
    path = path_of(market, Protocol.V3, [market.usd, market.weth])
    swap = swap_call(market, path, amount_in=10**9, deadline=market.timestamp - late)
    async with witness_over(market, in_order=in_order) as (witness, block):
        outcome = await witness.execute(swap, block)
    assert outcome.revert_reason == reason


async def test_without_a_trace_the_gas_is_an_estimate_above_the_truth(market: SmallMarket) -> None:
    swap = a_swap(market)
    async with witness_over(market, missing={"eth_simulateV1", "debug_traceCall"}) as (witness, block):
        outcome = await witness.execute(swap, block)
    truth = await exact(market, swap)
    assert (outcome.amount_in, outcome.amount_out) == (truth.amount_in, truth.amount_out)
    assert outcome.gas_source is GasSource.ESTIMATED
    assert truth.gas_used <= outcome.gas_used < 1.3 * truth.gas_used


@pytest.mark.parametrize("missing", [set(), {"eth_simulateV1"}, {"eth_simulateV1", "debug_traceCall"}])
async def test_every_way_gives_the_reason_of_a_revert(market: SmallMarket, missing: set[str]) -> None:
    swap = a_swap(market, minimum_out=10**30)
    async with witness_over(market, missing=missing) as (witness, block):
        outcome = await witness.execute(swap, block)
    assert (outcome.amount_in, outcome.amount_out) == (0, 0)
    assert outcome.revert_reason == "Too little received"


async def test_a_reverted_call_without_trace_costs_about_what_it_burned(market: SmallMarket) -> None:
    swap = a_swap(market, minimum_out=10**30)
    async with witness_over(market, missing={"eth_simulateV1", "debug_traceCall"}) as (witness, block):
        outcome = await witness.execute(swap, block)
    truth = await exact(market, swap)
    assert outcome.gas_source is GasSource.ESTIMATED
    assert 0.9 * truth.gas_used < outcome.gas_used < 1.1 * truth.gas_used


async def test_a_node_without_overrides_is_told_as_such(market: SmallMarket) -> None:
    async with witness_over(market, missing={"eth_simulateV1"}, without_overrides=True) as (witness, block):
        with pytest.raises(OverridesUnsupported):
            await witness.execute(a_swap(market), block)


async def test_skills_are_probed_once_for_a_node(market: SmallMarket) -> None:
    async with faulty(market.node.url) as node:
        client = ChainClient([node.url])
        block = await client.block()
        assert block is not None
        witness = NodeWitness(client, market.network)
        await witness.execute(a_swap(market), block)
        node.seen.clear()
        await witness.execute(a_swap(market), block)
        await client.close()
    assert node.seen == ["eth_simulateV1"]


async def test_the_data_fee_of_an_op_chain_is_asked_for_the_transaction(market: SmallMarket) -> None:
    # An oracle that charges 1 wei a byte: its code returns the length word of its argument.
    market.rpc.call("anvil_setCode", GAS_PRICE_ORACLE, "0x60243560005260206000f3")
    swap = a_swap(market)
    async with faulty(market.node.url) as node:
        client = ChainClient([node.url])
        block = await client.block()
        assert block is not None
        outcome = await NodeWitness(client, replace(market.network, l1_fee=L1Fee.OP)).execute(swap, block)
        await client.close()
    assert outcome.l1_fee == len(unsigned_transaction(swap, 31337))


def test_the_unsigned_transaction_is_what_a_wallet_would_sign(market: SmallMarket) -> None:
    swap = a_swap(market)
    fields = {
        "chainId": 31337,
        "nonce": 1_000,
        "maxPriorityFeePerGas": 10**6,
        "maxFeePerGas": 10**9,
        "gas": 300_000,
        "to": swap.to,
        "value": 0,
        "data": "0x" + swap.data.hex(),
        "type": 2,
    }
    assert keccak(unsigned_transaction(swap, 31337)) == DynamicFeeTransaction.from_dict(fields).hash()
