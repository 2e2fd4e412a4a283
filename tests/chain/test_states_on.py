"""A path alone is enough to read its pools from the chain."""

from itertools import pairwise

import pytest

from chain.client import ChainClient
from chain.devnet import calls
from chain.errors import RpcError
from chain.pools import discover, load_states, states_on
from dex.market.pools import PoolInfo, Protocol
from dex.routing.plan import Hop, Path
from dex.types import Address, BlockRef
from tests.support.small_market import SmallMarket
from tests.support.swaps import path_of, router_of

pytestmark = pytest.mark.anvil


async def head(client: ChainClient) -> BlockRef:
    block = await client.block()
    assert block is not None
    return block


async def found(market: SmallMarket, client: ChainClient) -> dict[Address, PoolInfo]:
    tokens = [token.address for token in market.network.tokens]
    return dict(await discover(client, market.network, tokens, await head(client)))


def over(pools: dict[Address, PoolInfo], protocol: Protocol, *tokens: Address) -> Path:
    hops = []
    for token_in, token_out in pairwise(tokens):
        [pool] = [
            one
            for one in pools.values()
            if one.protocol is protocol and {one.token0, one.token1} == {token_in, token_out}
        ]
        hops.append(
            Hop(pool=pool.address, protocol=protocol, token_in=token_in, token_out=token_out, fee_pips=pool.fee_pips)
        )
    return Path(hops=tuple(hops))


@pytest.mark.parametrize("selling", [False, True], ids=["buy", "sell"])
@pytest.mark.parametrize("protocol", list(Protocol))
async def test_they_are_the_states_that_discovery_loads(
    market: SmallMarket, client: ChainClient, protocol: Protocol, selling: bool
) -> None:
    pools = await found(market, client)
    tokens = [market.usd, market.weth, market.alt]
    path = over(pools, protocol, *(tokens[::-1] if selling else tokens))
    block = await head(client)
    loaded = await load_states(client, pools, block)
    assert await states_on(client, path, block) == {hop.pool: loaded[hop.pool] for hop in path.hops}


async def test_they_are_those_of_the_block_that_was_asked_for(market: SmallMarket, client: ChainClient) -> None:
    path = over(await found(market, client), Protocol.V2, market.usd, market.weth)
    block = await head(client)
    before = await states_on(client, path, block)
    owner = market.accounts[0]
    market.do(owner, router_of(market, Protocol.V2), calls.v2_swap(10**9, 0, (market.usd, market.weth), owner))
    assert await states_on(client, path, block) == before
    assert await states_on(client, path, await head(client)) != before


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_an_address_without_a_pool_is_an_error_of_the_node(
    market: SmallMarket, client: ChainClient, protocol: Protocol
) -> None:
    with pytest.raises(RpcError):
        await states_on(client, path_of(market, protocol, [market.usd, market.weth]), await head(client))
