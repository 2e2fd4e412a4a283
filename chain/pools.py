"""Discovers the pools of a list of tokens, and loads their states, all pinned to one block by its hash (EIP-1898).

Round trips for any number of pools: one to discover, one for reserves, slot0, liquidity and tick bitmaps, one more for
the initialised ticks (more only where a batch outgrows what one HTTP body may hold; those travel side by side), and one
or two for the node's height (``chain.settled``).
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from chain.client import ChainClient
from chain.erc20 import selector
from chain.errors import NodeDisagrees, NodeUnavailable, RpcError
from chain.hexes import address_of_word, signed, word, words
from chain.networks import Network
from chain.scan import Request, scan_requests, scan_results
from chain.settled import settled
from dex.amm import ConcentratedPool, ConstantProductPool, TickInfo
from dex.amm.errors import InvalidPoolState
from dex.amm.tick_math import MAX_TICK, MIN_TICK
from dex.market.pools import PoolInfo, Protocol
from dex.routing.plan import Path
from dex.types import Address, BlockRef

PoolState = ConstantProductPool | ConcentratedPool

_GET_PAIR = selector("getPair(address,address)")
_GET_POOL = selector("getPool(address,address,uint24)")
_GET_RESERVES = selector("getReserves()")
_TICK_SPACING = selector("tickSpacing()")
_SLOT0 = selector("slot0()")
_LIQUIDITY = selector("liquidity()")
_TICK_BITMAP = selector("tickBitmap(int16)")
_TICKS = selector("ticks(int24)")


async def discover(
    client: ChainClient, network: Network, tokens: Sequence[Address], block: BlockRef
) -> Mapping[Address, PoolInfo]:
    """Every pool of ``network``'s factories between two of ``tokens`` at ``block``, by address."""
    pinned = {"blockHash": block.hash}
    pairs = [sorted(pair, key=lambda one: int(one, 16)) for pair in combinations(tokens, 2)]
    wanted = [
        *((v2.factory, Protocol.V2, t0, t1, v2.fee_pips) for v2 in network.v2 for t0, t1 in pairs),
        *((v3.factory, Protocol.V3, t0, t1, fee) for v3 in network.v3 for t0, t1 in pairs for fee in v3.fee_tiers),
    ]
    asked = [_call(factory, _lookup(protocol, t0, t1, fee), pinned) for factory, protocol, t0, t1, fee in wanted]
    found = []
    for (_, protocol, t0, t1, fee), answer in zip(wanted, await client.batch(asked), strict=True):
        if int(_words(answer, 1)[0], 16) != 0:
            found.append((address_of_word(_words(answer, 1)[0]), protocol, t0, t1, fee))
    spacings = await _tick_spacings(client, [one[0] for one in found if one[1] is Protocol.V3], pinned)
    return {
        address: PoolInfo(
            address=address,
            protocol=protocol,
            token0=t0,
            token1=t1,
            fee_pips=fee,
            tick_spacing=spacings.get(address),
        )
        for address, protocol, t0, t1, fee in found
    }


async def load_states(
    client: ChainClient, pools: Mapping[Address, PoolInfo], block: BlockRef
) -> Mapping[Address, PoolState]:
    """Every pool's exact state at the end of ``block``.

    A V3 pool without a price yet comes back with a square-root price of 0. Raises ``NodeDisagrees`` when the answers
    make no possible pool, ``Retryable`` and ``HistoryUnavailable`` as the client does.
    """
    v2 = [pool for pool in pools.values() if pool.protocol is Protocol.V2]
    v3 = [pool for pool in pools.values() if pool.protocol is Protocol.V3]
    pairs, concentrated = await settled(
        client, block, lambda: asyncio.gather(_load_v2(client, v2, block), _load_v3(client, v3, block))
    )
    states = {**pairs, **concentrated}
    return {address: states[address] for address in pools}


async def states_on(client: ChainClient, path: Path, block: BlockRef) -> Mapping[Address, PoolState]:
    """The states of a path's pools at the end of ``block``, from the path alone. Raises as ``load_states``."""
    pinned = {"blockHash": block.hash}
    spacings = await _tick_spacings(client, [hop.pool for hop in path.hops if hop.protocol is Protocol.V3], pinned)
    pools = {}
    for hop in path.hops:
        token0, token1 = sorted((hop.token_in, hop.token_out), key=lambda one: int(one, 16))
        pools[hop.pool] = PoolInfo(
            address=hop.pool,
            protocol=hop.protocol,
            token0=token0,
            token1=token1,
            fee_pips=hop.fee_pips,
            tick_spacing=spacings.get(hop.pool),
        )
    return await load_states(client, pools, block)


def words_with_ticks(tick_spacing: int) -> range:
    """Positions of the bitmap words that can hold a tick (v3-core TickBitmap.position)."""
    return range((MIN_TICK // tick_spacing) >> 8, ((MAX_TICK // tick_spacing) >> 8) + 1)


async def _load_v2(client: ChainClient, pools: Sequence[PoolInfo], block: BlockRef) -> dict[Address, PoolState]:
    pinned = {"blockHash": block.hash}
    answers = await client.batch([_call(pool.address, _GET_RESERVES, pinned) for pool in pools])
    states: dict[Address, PoolState] = {}
    for pool, answer in zip(pools, answers, strict=True):
        reserve0, reserve1, _ = (int(one, 16) for one in _words(answer, 3))
        states[pool.address] = ConstantProductPool(reserve0=reserve0, reserve1=reserve1, fee_pips=pool.fee_pips)
    return states


async def _load_v3(client: ChainClient, pools: Sequence[PoolInfo], block: BlockRef) -> dict[Address, PoolState]:
    pinned = {"blockHash": block.hash}
    requests: list[Request] = []
    spans: list[range] = []
    for pool in pools:
        begin = len(requests)
        requests += [_call(pool.address, _SLOT0, pinned), _call(pool.address, _LIQUIDITY, pinned)]
        positions = words_with_ticks(_spacing(pool))
        requests += scan_requests(pool.address, _TICK_BITMAP, positions, result_words=1, pinned=pinned)
        spans.append(range(begin, len(requests)))
    answers = await client.batch(requests)
    heads = {pool.address: [answers[i] for i in span] for pool, span in zip(pools, spans, strict=True)}
    initialised = {pool.address: _ticks_in(pool, heads[pool.address][2:]) for pool in pools}
    ticks = await _load_ticks(client, initialised, pinned)
    return {pool.address: _v3_state(pool, heads[pool.address], ticks[pool.address], block) for pool in pools}


def _ticks_in(pool: PoolInfo, answers: Sequence[str]) -> list[int]:
    spacing = _spacing(pool)
    ticks = []
    positions = words_with_ticks(spacing)
    bitmaps = scan_results(answers, result_words=1)
    if len(bitmaps) != len(positions):
        raise NodeUnavailable(f"a node answered {len(bitmaps)} of {len(positions)} bitmap words of {pool.address}")
    for position, [bitmap] in zip(positions, bitmaps, strict=True):
        while bitmap != 0:
            lowest = bitmap & -bitmap
            ticks.append(((position << 8) + lowest.bit_length() - 1) * spacing)
            bitmap ^= lowest
    return ticks


async def _load_ticks(
    client: ChainClient, initialised: Mapping[Address, list[int]], pinned: object
) -> dict[Address, dict[int, TickInfo]]:
    requests = {
        address: scan_requests(address, _TICKS, ticks, result_words=2, pinned=pinned)
        for address, ticks in initialised.items()
    }
    answers = iter(await client.batch([request for some in requests.values() for request in some]))
    loaded: dict[Address, dict[int, TickInfo]] = {}
    for address, ticks in initialised.items():
        infos = scan_results([next(answers) for _ in requests[address]], result_words=2)
        if len(infos) != len(ticks):
            raise NodeUnavailable(f"a node answered {len(infos)} of {len(ticks)} ticks of {address}")
        loaded[address] = {
            tick: TickInfo(liquidity_gross=gross, liquidity_net=signed(word(net)))
            for tick, (gross, net) in zip(ticks, infos, strict=True)
        }
    return loaded


def _v3_state(pool: PoolInfo, head: Sequence[str], ticks: Mapping[int, TickInfo], block: BlockRef) -> ConcentratedPool:
    slot0, [liquidity] = _words(head[0], 7), _words(head[1], 1)
    fee_protocol = int(slot0[5], 16)
    try:
        return ConcentratedPool(
            sqrt_price_x96=int(slot0[0], 16),
            tick=signed(slot0[1]),
            liquidity=int(liquidity, 16),
            fee_pips=pool.fee_pips,
            tick_spacing=_spacing(pool),
            ticks=ticks,
            fee_protocol0=fee_protocol % 16,
            fee_protocol1=fee_protocol >> 4,
        )
    except InvalidPoolState as error:
        raise NodeDisagrees(
            f"pool {pool.address} cannot be in the state told at block {block.number}: {error}"
        ) from error


async def _tick_spacings(client: ChainClient, pools: Sequence[Address], pinned: object) -> dict[Address, int]:
    answers = await client.batch([_call(address, _TICK_SPACING, pinned) for address in pools])
    return {address: signed(_words(answer, 1)[0]) for address, answer in zip(pools, answers, strict=True)}


def _lookup(protocol: Protocol, token0: Address, token1: Address, fee_pips: int) -> str:
    pair = word(int(token0, 16)) + word(int(token1, 16))
    return _GET_PAIR + pair if protocol is Protocol.V2 else _GET_POOL + pair + word(fee_pips)


def _call(to: Address, data: str, pinned: object) -> Request:
    return "eth_call", [{"to": to, "data": "0x" + data}, pinned]


def _words(answer: Any, least: int) -> list[str]:
    parts = words(answer) if isinstance(answer, str) else []
    if len(parts) < least:
        raise RpcError("a contract that should be a pool or factory answered nothing: is the network file right?")
    return parts


def _spacing(pool: PoolInfo) -> int:
    if pool.tick_spacing is None:
        raise ValueError(f"pool {pool.address} has no tick spacing")
    return pool.tick_spacing
