"""Loaded pools equal what the contracts hold."""

import pytest

from chain.client import ChainClient
from chain.devnet import calls
from chain.devnet.codec import call
from chain.errors import NodeUnavailable
from chain.pools import PoolState, discover, load_states, words_with_ticks
from dex.amm import ConcentratedPool, ConstantProductPool
from dex.market.pools import PoolInfo, Protocol
from dex.types import Address, BlockRef
from tests.support.small_market import SmallMarket
from tests.support.swaps import router_of

pytestmark = pytest.mark.anvil


async def head(client: ChainClient) -> BlockRef:
    block = await client.block()
    assert block is not None
    return block


async def load(
    market: SmallMarket, client: ChainClient, block: BlockRef | None = None
) -> tuple[dict[Address, PoolInfo], dict[Address, PoolState]]:
    at = await head(client) if block is None else block
    pools = await discover(client, market.network, [token.address for token in market.network.tokens], at)
    return dict(pools), dict(await load_states(client, pools, at))


def only(pools: dict[Address, PoolInfo], protocol: Protocol, tier: int) -> Address:
    [found] = [pool.address for pool in pools.values() if pool.protocol is protocol and pool.fee_pips == tier]
    return found


async def test_every_pool_of_the_tokens_is_discovered(market: SmallMarket, client: ChainClient) -> None:
    pools, _ = await load(market, client)
    assert sorted((pool.protocol.value, pool.fee_pips, pool.tick_spacing) for pool in pools.values()) == [
        ("v2", 3000, None),
        ("v2", 3000, None),
        ("v3", 500, 10),
        ("v3", 3000, 60),
    ]


async def test_a_v2_state_is_what_the_router_quotes_by(market: SmallMarket, client: ChainClient) -> None:
    pools, states = await load(market, client)
    router = router_of(market, Protocol.V2)
    data = call("getAmountsOut(uint256,address[])", 10**9, [market.usd, market.weth])
    told = int(market.rpc.call("eth_call", {"to": router, "data": data}, "latest")[-64:], 16)
    [pool] = [one for one in pools.values() if one.protocol is Protocol.V2 and market.usd in (one.token0, one.token1)]
    state = states[pool.address]
    assert isinstance(state, ConstantProductPool)
    assert state.quote_exact_in(10**9, zero_for_one=pool.token0 == market.usd) == told


@pytest.mark.parametrize("tier", [500, 3000])
async def test_every_initialised_tick_is_loaded(market: SmallMarket, client: ChainClient, tier: int) -> None:
    pools, states = await load(market, client)
    state = states[only(pools, Protocol.V3, tier)]
    assert isinstance(state, ConcentratedPool)
    assert len(state.ticks) == 8
    assert sum(info.liquidity_net for info in state.ticks.values()) == 0
    below = sum(info.liquidity_net for tick, info in state.ticks.items() if tick <= state.tick)
    assert below == state.liquidity > 0


async def test_more_ticks_than_one_request_holds_are_loaded(market: SmallMarket, client: ChainClient) -> None:
    pools, states = await load(market, client)
    address = only(pools, Protocol.V3, 500)
    info, before = pools[address], states[address]
    assert isinstance(before, ConcentratedPool)
    owner, centre = market.accounts[0], before.tick // 10 * 10
    for n in range(60):
        ticks = (centre - 2000 - 10 * n, centre + 2000 + 10 * n)
        data = calls.v3_mint(info.token0, info.token1, 500, ticks, (10**15, 10**17), owner)
        market.send(owner, market.position_manager, data)
        if n % 10 == 9:
            market.mine()
    _, states = await load(market, client)
    after = states[address]
    assert isinstance(after, ConcentratedPool)
    assert len(after.ticks) == len(before.ticks) + 120
    assert sum(net.liquidity_net for tick, net in after.ticks.items() if tick <= after.tick) == after.liquidity


async def test_the_state_is_that_of_the_pinned_block(market: SmallMarket, client: ChainClient) -> None:
    block = await head(client)
    _, before = await load(market, client, block)
    owner = market.accounts[0]
    market.do(owner, router_of(market, Protocol.V2), calls.v2_swap(10**9, 0, (market.usd, market.weth), owner))
    _, again = await load(market, client, block)
    _, now = await load(market, client)
    assert again == before
    assert now != before


async def test_a_block_that_a_reorg_took_cannot_be_loaded(market: SmallMarket) -> None:
    saved = market.rpc.call("evm_snapshot")
    market.mine()
    client = ChainClient([market.node.url], sleep=no_sleep)
    block = await head(client)
    market.rpc.call("evm_revert", saved)
    with pytest.raises(NodeUnavailable):
        await load(market, client, block)
    await client.close()


async def test_the_protocol_fee_is_loaded_by_token(market: SmallMarket, client: ChainClient) -> None:
    pools, _ = await load(market, client)
    address = only(pools, Protocol.V3, 3000)
    market.do(market.accounts[0], address, call("setFeeProtocol(uint8,uint8)", 4, 10))
    _, states = await load(market, client)
    state = states[address]
    assert isinstance(state, ConcentratedPool)
    assert (state.fee_protocol0, state.fee_protocol1) == (4, 10)


async def test_a_pool_without_a_price_has_price_zero(market: SmallMarket, client: ChainClient) -> None:
    data = call("createPool(address,address,uint24)", market.usd, market.alt, 10000)
    market.do(market.accounts[0], market.network.v3[0].factory, data)
    pools, states = await load(market, client)
    state = states[only(pools, Protocol.V3, 10000)]
    assert isinstance(state, ConcentratedPool)
    assert (state.sqrt_price_x96, dict(state.ticks)) == (0, {})


@pytest.mark.parametrize(
    ("spacing", "first", "last"), [(1, -3466, 3465), (10, -347, 346), (60, -58, 57), (200, -18, 17)]
)
def test_the_words_cover_every_usable_tick(spacing: int, first: int, last: int) -> None:
    assert words_with_ticks(spacing) == range(first, last + 1)


async def no_sleep(_: float) -> None:
    return None
