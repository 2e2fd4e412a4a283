"""Blocks come in order, whole, with their own logs, whatever the chain does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from chain.client import ChainClient
from chain.devnet import calls
from chain.devnet.codec import call
from chain.errors import ConfigurationError, HistoryUnavailable, NodeDisagrees, NodeUnavailable, WrongChain
from chain.node_source import NodeSource
from chain.pools import load_states
from chain.source import MarketStart
from dex.errors import HaltSession
from dex.market.events import BlockUpdate, PoolLaunched, V2Swap, V2Sync, V3Burn, V3Mint, V3Swap
from dex.market.pools import Protocol
from dex.market.state import MarketState
from tests.support.faulty_node import Answer, faulty
from tests.support.small_market import SmallMarket
from tests.support.swaps import router_of

pytestmark = pytest.mark.anvil


@asynccontextmanager
async def source_on(
    market: SmallMarket, url: str | None = None, *, window: int = 128
) -> AsyncIterator[tuple[NodeSource, MarketStart]]:
    source = NodeSource(ChainClient([url or market.node.url], timeout=5), market.network, window=window)
    try:
        yield source, await source.start()
    finally:
        await source.close()


async def take(source: NodeSource, count: int) -> list[BlockUpdate]:
    """The next ``count`` updates."""
    taken: list[BlockUpdate] = []
    async for update in source.updates():
        taken.append(update)
        if len(taken) == count:
            break
    return taken


def swap(market: SmallMarket, protocol: Protocol = Protocol.V2, amount: int = 10**9) -> None:
    """Puts a swap of the owner's dollars into the pool of waiting transactions."""
    owner, router = market.accounts[0], router_of(market, protocol)
    if protocol is Protocol.V2:
        data = calls.v2_swap(amount, 0, (market.usd, market.weth), owner)
    else:
        data = calls.v3_swap(market.usd, market.weth, 3000, owner, amount_in=amount, minimum_out=0)
    market.send(owner, router, data)


def allow_v3(market: SmallMarket) -> None:
    owner = market.accounts[0]
    market.do(owner, market.usd, calls.approve(router_of(market, Protocol.V3)))


async def test_blocks_come_in_order_and_without_gaps(market: SmallMarket) -> None:
    async with source_on(market) as (source, start):
        for _ in range(100):
            market.mine()
        updates = await take(source, 100)
    assert [update.block.number for update in updates] == list(range(start.block.number + 1, start.block.number + 101))
    assert updates[0].block.parent_hash == start.block.hash
    assert all(b.block.parent_hash == a.block.hash for a, b in pairwise(updates))


@pytest.mark.parametrize("scheme", ["http", "ws"])
async def test_a_new_block_is_seen_while_waiting(market: SmallMarket, scheme: str) -> None:
    async with source_on(market, market.node.url.replace("http", scheme)) as (source, start):
        waiting = asyncio.create_task(take(source, 1))
        await asyncio.sleep(0.1)
        swap(market)
        market.mine()
        [update] = await asyncio.wait_for(waiting, 10)
    assert update.block.number == start.block.number + 1
    assert [type(event) for event in update.events] == [V2Sync, V2Swap]


async def test_events_are_those_of_the_block_in_log_order(market: SmallMarket) -> None:
    allow_v3(market)
    async with source_on(market) as (source, _):
        swap(market, Protocol.V3)
        swap(market, Protocol.V2)
        market.mine()
        swap(market, Protocol.V3)
        market.mine()
        first, second = await take(source, 2)
    assert [type(event) for event in first.events] == [V3Swap, V2Sync, V2Swap]
    assert [type(event) for event in second.events] == [V3Swap]
    assert [event.log_index for event in first.events] == sorted(event.log_index for event in first.events)
    assert {event.block_number for event in first.events} == {first.block.number}


async def test_a_launch_is_told(market: SmallMarket) -> None:
    async with source_on(market) as (source, _):
        data = call("createPair(address,address)", market.usd, market.alt)
        market.do(market.accounts[0], market.network.v2[0].factory, data)
        [update] = await take(source, 1)
    [event] = update.events
    assert isinstance(event, PoolLaunched)
    assert {event.token0, event.token1} == {market.usd, market.alt}


async def test_foreign_pools_are_not_told(market: SmallMarket) -> None:
    """The same events from a pair that was launched later are nobody's business."""
    owner, router = market.accounts[0], router_of(market, Protocol.V2)
    async with source_on(market) as (source, _):
        market.do(owner, router, calls.v2_add(market.usd, market.alt, 10**9, 10**20, owner))
        market.do(owner, router, calls.v2_swap(10**6, 0, (market.usd, market.alt), owner))
        launch, quiet = await take(source, 2)
    assert [type(event) for event in launch.events] == [PoolLaunched]
    assert quiet.events == ()


@pytest.mark.parametrize("longer", [0, 1, 3])
async def test_a_reorg_tells_what_it_took_and_what_came(market: SmallMarket, longer: int) -> None:
    async with source_on(market) as (source, start):
        saved, timestamp = market.rpc.call("evm_snapshot"), market.timestamp
        for _ in range(3):
            market.mine()
        old = await take(source, 3)
        market.rpc.call("evm_revert", saved)
        market.timestamp = timestamp + 1
        for _ in range(3 + longer):
            market.mine()
        new = await asyncio.wait_for(take(source, 3 + longer), 10)
    assert new[0].removed == tuple(update.block for update in reversed(old))
    assert new[0].block.parent_hash == start.block.hash
    assert all(update.removed == () for update in new[1:])


async def test_a_reorg_to_a_shorter_chain_is_told_once_it_has_grown(market: SmallMarket) -> None:
    async with source_on(market) as (source, start):
        market.mine()
        saved, timestamp = market.rpc.call("evm_snapshot"), market.timestamp
        for _ in range(3):
            market.mine()
        old = await take(source, 4)
        market.rpc.call("evm_revert", saved)
        market.timestamp = timestamp + 1
        market.mine()
        waiting = asyncio.create_task(take(source, 3))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        market.mine()
        market.mine()
        new = await asyncio.wait_for(waiting, 10)
    assert new[0].removed == tuple(update.block for update in reversed(old[1:]))
    assert [update.block.number for update in new] == [start.block.number + n for n in (2, 3, 4)]


async def test_a_reorg_behind_the_window_halts(market: SmallMarket) -> None:
    async with source_on(market, window=3) as (source, _):
        saved, timestamp = market.rpc.call("evm_snapshot"), market.timestamp
        for _ in range(5):
            market.mine()
        await take(source, 5)
        market.rpc.call("evm_revert", saved)
        market.timestamp = timestamp + 1
        for _ in range(6):
            market.mine()
        with pytest.raises(HaltSession, match="reorg"):
            await asyncio.wait_for(take(source, 1), 10)


async def test_it_goes_on_after_an_outage_without_losing_a_block(market: SmallMarket) -> None:
    async with faulty(market.node.url) as node, source_on(market, node.url) as (source, start):
        market.mine()
        await take(source, 1)
        node.status = 503
        market.mine()
        market.mine()
        with pytest.raises(NodeUnavailable):
            await take(source, 1)
        node.status = None
        updates = await take(source, 2)
    assert [update.block.number for update in updates] == [start.block.number + 2, start.block.number + 3]


async def test_logs_of_another_block_are_not_taken_for_its_own(market: SmallMarket) -> None:
    def foreign_logs(method: str, answer: Answer) -> Answer:
        if method != "eth_getLogs":
            return answer
        return {**answer, "result": [{**log, "blockHash": "0x" + "ab" * 32} for log in answer["result"]]}

    async with faulty(market.node.url) as node, source_on(market, node.url) as (source, _):
        node.edit = foreign_logs
        swap(market)
        market.mine()
        with pytest.raises(NodeDisagrees):
            await take(source, 1)


async def test_logs_that_a_range_query_misses_are_asked_for_by_hash(market: SmallMarket) -> None:
    """A node may know a header before its log index does."""
    misses = 1

    def late_index(method: str, answer: Answer) -> Answer:
        nonlocal misses
        if method == "eth_getLogs" and misses:
            misses -= 1
            return {**answer, "result": []}
        return answer

    async with faulty(market.node.url) as node, source_on(market, node.url) as (source, _):
        node.edit = late_index
        swap(market)
        market.mine()
        [update] = await take(source, 1)
    assert [type(event) for event in update.events] == [V2Sync, V2Swap]


async def test_a_source_refuses_another_chain(market: SmallMarket) -> None:
    async with faulty(market.node.url) as node:
        node.chain_id = 5
        with pytest.raises(WrongChain):
            async with source_on(market, node.url):
                pass


async def test_a_start_at_a_past_block_has_that_block_s_states_and_what_followed(market: SmallMarket) -> None:
    async with source_on(market) as (source, start):
        swap(market)
        market.mine()
        market.mine()
        again = await source.start(start.block.number)
        updates = await take(source, 2)
    assert again == start
    assert [len(update.events) for update in updates] == [2, 0]


async def test_a_start_at_a_block_that_is_not_there_says_so(market: SmallMarket) -> None:
    async with source_on(market) as (source, _):
        with pytest.raises(HistoryUnavailable):
            await source.start(10**6)


async def test_a_chain_without_pools_of_the_listed_tokens_is_refused(market: SmallMarket) -> None:
    network = market.network.with_tokens(market.network.tokens[:1], quote_token=market.weth)
    source = NodeSource(ChainClient([market.node.url]), network)
    with pytest.raises(ConfigurationError, match="no pools"):
        await source.start()
    await source.close()


async def test_followed_states_equal_loaded_ones_across_liquidity_changes_and_a_reorg(market: SmallMarket) -> None:
    allow_v3(market)
    async with source_on(market) as (source, start):
        state = MarketState(start.pools)
        state.load(start.block, start.states)
        saved, timestamp = market.rpc.call("evm_snapshot"), market.timestamp
        busy_blocks(market, 3)
        for update in await take(source, 3):
            state.apply(update)
        market.rpc.call("evm_revert", saved)
        market.timestamp = timestamp + 1
        busy_blocks(market, 5)
        updates = await asyncio.wait_for(take(source, 5), 10)
        for update in updates:
            state.apply(update)
        loaded = await load_states(source.client, start.pools, updates[-1].block)
    assert state.states == loaded
    kinds = {type(event) for update in updates for event in update.events}
    assert kinds >= {V2Sync, V3Swap, V3Mint, V3Burn}


def busy_blocks(market: SmallMarket, count: int) -> None:
    """Swaps, a new position and a position that leaves, in every block."""
    owner, manager = market.accounts[0], market.position_manager
    pair = sorted((market.usd, market.weth), key=lambda one: int(one, 16))
    amounts = tuple(10**9 if token == market.usd else 10**18 for token in pair)
    for n in range(count):
        swap(market, Protocol.V2)
        swap(market, Protocol.V3, 10**11)
        ticks = (-60 * (2000 + n), 60 * (4000 + n)) if n % 2 else (190_020 + 60 * n, 204_000)
        market.send(owner, manager, calls.v3_mint(pair[0], pair[1], 3000, ticks, (amounts[0], amounts[1]), owner))
        data = call("decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))", (n % 4 + 1, 10**6, 0, 0, 2**40))
        market.send(owner, manager, data)
        market.mine()
