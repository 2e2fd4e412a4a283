"""One event's effect on one pool's state."""

from collections.abc import Callable
from dataclasses import replace

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.errors import DexError
from dex.market.errors import MarketCorrupt
from dex.market.events import (
    PoolEvent,
    V2Sync,
    V3Burn,
    V3FeeChanged,
    V3Initialize,
    V3Mint,
    V3SetFeeProtocol,
    V3Swap,
)
from dex.market.price import PoolState


def advance(pool: PoolState, event: PoolEvent) -> PoolState:
    """The pool after ``event``; events that change no state (V2Swap, V2Mint, V2Burn: their Sync did) give it back.

    Raises ``MarketCorrupt`` when the event cannot have happened in this state: a burn of liquidity that is not there,
    a mint whose amounts differ from ours, an event of the other protocol.
    """
    handler = _HANDLERS.get(type(event))
    return pool if handler is None else handler(pool, event)


def _sync(pool: PoolState, event: PoolEvent) -> PoolState:
    if not isinstance(event, V2Sync) or not isinstance(pool, ConstantProductPool):
        raise _foreign(event)
    return replace(pool, reserve0=event.reserve0, reserve1=event.reserve1)


def _swap(pool: PoolState, event: PoolEvent) -> PoolState:
    if not isinstance(event, V3Swap) or not isinstance(pool, ConcentratedPool):
        raise _foreign(event)
    return replace(pool, sqrt_price_x96=event.sqrt_price_x96, tick=event.tick, liquidity=event.liquidity)


def _initialize(pool: PoolState, event: PoolEvent) -> PoolState:
    if not isinstance(event, V3Initialize) or not isinstance(pool, ConcentratedPool):
        raise _foreign(event)
    return replace(pool, sqrt_price_x96=event.sqrt_price_x96, tick=event.tick)


def _fee_protocol(pool: PoolState, event: PoolEvent) -> PoolState:
    if not isinstance(event, V3SetFeeProtocol) or not isinstance(pool, ConcentratedPool):
        raise _foreign(event)
    return replace(pool, fee_protocol0=event.fee_protocol0, fee_protocol1=event.fee_protocol1)


def _fee(pool: PoolState, event: PoolEvent) -> PoolState:
    if not isinstance(event, V3FeeChanged) or not isinstance(pool, ConcentratedPool):
        raise _foreign(event)
    return replace(pool, fee_pips=event.fee_pips)


def _mint(pool: PoolState, event: PoolEvent) -> PoolState:
    if not isinstance(event, V3Mint) or not isinstance(pool, ConcentratedPool):
        raise _foreign(event)
    return _change_liquidity(pool.mint, event)


def _burn(pool: PoolState, event: PoolEvent) -> PoolState:
    if not isinstance(event, V3Burn) or not isinstance(pool, ConcentratedPool):
        raise _foreign(event)
    if event.liquidity == 0:
        return pool  # a poke collects fees; it changes nothing that a swap sees
    return _change_liquidity(pool.burn, event)


def _change_liquidity(
    change: Callable[[int, int, int], tuple[ConcentratedPool, int, int]], event: V3Mint | V3Burn
) -> ConcentratedPool:
    try:
        pool, amount0, amount1 = change(event.tick_lower, event.tick_upper, event.liquidity)
    except DexError as error:
        raise MarketCorrupt(f"{_where(event)} cannot be applied: {error}") from error
    if (amount0, amount1) != (event.amount0, event.amount1):
        raise MarketCorrupt(
            f"{_where(event)} moved {event.amount0} and {event.amount1}, our state says {amount0} and {amount1}"
        )
    return pool


def _where(event: PoolEvent) -> str:
    return f"{type(event).__name__} of {event.pool} in block {event.block_number}, log {event.log_index}"


def _foreign(event: PoolEvent) -> MarketCorrupt:
    return MarketCorrupt(f"{_where(event)} does not belong to a pool of its protocol")


_HANDLERS: dict[type[PoolEvent], Callable[[PoolState, PoolEvent], PoolState]] = {
    V2Sync: _sync,
    V3Swap: _swap,
    V3Initialize: _initialize,
    V3SetFeeProtocol: _fee_protocol,
    V3FeeChanged: _fee,
    V3Mint: _mint,
    V3Burn: _burn,
}
