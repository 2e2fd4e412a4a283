import pytest

from chain.client import ChainClient
from chain.devnet.codec import call
from chain.errors import ConfigurationError, HistoryUnavailable, WrongChain
from chain.node_source import NodeSource
from chain.pools import load_states
from dex.market.pools import Protocol
from tests.support.faulty_node import faulty
from tests.support.small_market import SmallMarket, open_v3

pytestmark = pytest.mark.anvil


@pytest.fixture
def source(market: SmallMarket, client: ChainClient) -> NodeSource:
    return NodeSource(client, market.network)


async def test_the_head_is_the_nodes_newest_block(market: SmallMarket, source: NodeSource) -> None:
    before = await source.head()
    market.mine()
    after = await source.head()
    assert (after.number, after.parent_hash) == (before.number + 1, before.hash)


async def test_a_block_that_the_node_lacks_is_no_history(source: NodeSource) -> None:
    head = await source.head()
    with pytest.raises(HistoryUnavailable, match=f"has no block {head.number + 1}"):
        await source.start(head.number + 1)


async def test_the_tip_is_the_one_that_the_node_suggests(market: SmallMarket, source: NodeSource) -> None:
    assert await source.suggested_tip() == int(market.rpc.call("eth_maxPriorityFeePerGas"), 16) > 0


async def test_it_starts_with_every_pool_of_the_listed_tokens_at_the_head(
    market: SmallMarket, client: ChainClient, source: NodeSource
) -> None:
    start = await source.start()
    assert start.block == await source.head()
    assert sorted(pool.protocol for pool in start.pools.values()) == [Protocol.V2] * 2 + [Protocol.V3] * 2
    assert start.states == await load_states(client, start.pools, start.block)
    assert set(start.tokens) == {market.weth, market.usd, market.alt}


async def test_the_states_are_those_of_the_block_asked_for(market: SmallMarket, source: NodeSource) -> None:
    start = await source.start()
    market.mine()
    head = await source.head()
    assert head != start.block
    assert await source.states(start.pools, head) == start.states


async def test_a_market_cannot_start_before_one_of_its_pools(market: SmallMarket, source: NodeSource) -> None:
    before = await source.head()
    open_v3(market, market.usd, market.alt, 3000, 60, (5_000 * 10**6, 200 * 10**18))
    with pytest.raises(HistoryUnavailable, match="some pool was not there yet"):
        await source.start(before.number)


async def test_it_starts_in_the_past_where_all_pools_were_there(market: SmallMarket, source: NodeSource) -> None:
    before = await source.head()
    market.mine()
    start = await source.start(before.number)
    assert start.block == before


async def test_a_pool_without_a_price_is_left_out(market: SmallMarket, source: NodeSource) -> None:
    data = call("createPool(address,address,uint24)", market.usd, market.alt, 10000)
    market.do(market.accounts[0], market.network.v3[0].factory, data)
    start = await source.start()
    assert len(start.pools) == len(start.states) == 4


async def test_a_chain_without_any_pool_is_refused(market: SmallMarket, client: ChainClient) -> None:
    lonely = market.network.with_tokens(market.network.tokens[:1], quote_token=market.weth)
    with pytest.raises(ConfigurationError, match="no pools of the listed tokens"):
        await NodeSource(client, lonely).start()


async def test_a_node_of_another_chain_is_refused(market: SmallMarket) -> None:
    async with faulty(market.node.url) as node:
        node.chain_id = 1
        other = ChainClient([node.url])
        with pytest.raises(WrongChain):
            await NodeSource(other, market.network).start()
        await other.close()


async def test_updates_come_only_after_a_start(source: NodeSource) -> None:
    with pytest.raises(RuntimeError):
        source.updates()


async def test_updates_go_on_from_where_the_market_started(market: SmallMarket, source: NodeSource) -> None:
    start = await source.start()
    market.mine()
    first = await anext(aiter(source.updates()))
    assert first.block.parent_hash == start.block.hash
