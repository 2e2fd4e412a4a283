"""What a swap would pay at the head, from the pools' states as a node tells them at one block."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chain.client import ChainClient
from chain.errors import NodeUnavailable
from chain.networks import Network
from chain.pools import discover, load_states
from chain.sanity import sane_answers
from dex.amm import ConcentratedPool
from dex.market.pools import PoolInfo
from dex.types import Address, BlockRef, Token
from trading.errors import NoRoute
from trading.router import Quote, best_path, find_paths

NO_CODE = "0x"
REQUEST_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """``amount_in`` is base units of ``token_in``; ``pools`` are those known between the tokens of the network's list,
    none to have the node's factories asked."""

    network: Network
    token_in: Token
    token_out: Token
    amount_in: int
    pools: Mapping[Address, PoolInfo]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadQuote:
    """``quote`` is exact for a swap that would be the first in the block after ``block``."""

    quote: Quote
    block: BlockRef


async def quote_at_head(urls: Sequence[str], request: QuoteRequest, *, seconds: float) -> HeadQuote:
    """The best path's quote at the node's head, within ``seconds``.

    Raises ``NoRoute``, ``WrongChain``, and ``Retryable`` errors where the node is away, slow, or talks nonsense.
    """
    client = ChainClient(urls, timeout=min(REQUEST_SECONDS, seconds))
    try:
        async with asyncio.timeout(seconds):
            with sane_answers(client.node):
                return await _quote(client, request)
    except TimeoutError:
        raise NodeUnavailable(f"node {client.node} did not answer within {seconds:g} seconds") from None
    finally:
        await client.close()


async def _quote(client: ChainClient, request: QuoteRequest) -> HeadQuote:
    await client.check_chain_id(request.network.chain_id)
    block = await client.block()
    if block is None:
        raise NodeUnavailable(f"node {client.node} has no blocks")
    pools = await _pools(client, request, block)
    paths = find_paths(pools.values(), request.token_in.address, request.token_out.address)
    if not paths:
        raise NoRoute(f"no pools lead from {request.token_in.symbol} to {request.token_out.symbol}")
    needed = {pool: pools[pool] for path in paths for pool in path.pools}
    states = {
        address: state
        for address, state in (await load_states(client, needed, block)).items()
        if not (isinstance(state, ConcentratedPool) and state.sqrt_price_x96 == 0)  # created, never given a price
    }
    return HeadQuote(quote=best_path(states, paths, request.amount_in), block=block)


async def _pools(client: ChainClient, request: QuoteRequest, block: BlockRef) -> Mapping[Address, PoolInfo]:
    """Pools that are there: the registry may know those of an earlier instance of the local chain."""
    if not request.pools:
        listed = [token.address for token in request.network.tokens]
        tokens = dict.fromkeys([request.token_in.address, request.token_out.address, *listed])
        return await discover(client, request.network, list(tokens), block)
    pinned = {"blockHash": block.hash}
    codes = await client.batch([("eth_getCode", [address, pinned]) for address in request.pools])
    return {
        address: pool for (address, pool), code in zip(request.pools.items(), codes, strict=True) if code != NO_CODE
    }
