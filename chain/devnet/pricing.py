"""Prices and quotes as the actors reckon them: exact for V2, within the current range for V3.

Floats serve decisions only; amounts are integer base units.
"""

from dataclasses import dataclass
from math import isqrt

from chain.devnet.world import DevnetPool

Q96 = 2**96
_SCALE = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class V2State:
    reserve0: int
    reserve1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3State:
    sqrt_price_x96: int
    tick: int
    liquidity: int


PoolState = V2State | V3State


def ratio(pool: DevnetPool, price0: float, price1: float) -> tuple[int, int]:
    """Base units of token1 for one of token0 at these dollar prices, as numerator and denominator."""
    numerator = int(price0 * _SCALE) * 10**pool.token1.decimals
    denominator = int(price1 * _SCALE) * 10**pool.token0.decimals
    return numerator, denominator


def sqrt_price_x96(numerator: int, denominator: int) -> int:
    """The V3 form of a price, rounded down."""
    return isqrt((numerator << 192) // denominator)


def pool_price(state: PoolState) -> float:
    """Base units of token1 for one of token0."""
    if isinstance(state, V2State):
        return state.reserve1 / state.reserve0
    return (state.sqrt_price_x96 / Q96) * (state.sqrt_price_x96 / Q96)


def swap(pool: DevnetPool, state: PoolState, amount_in: int, *, zero_for_one: bool) -> tuple[PoolState, int]:
    """The state afterwards and the amount out. A V3 swap is taken to stay in its range."""
    fed = amount_in * (10**6 - pool.fee_pips) // 10**6
    if isinstance(state, V3State):
        return _v3_swap(state, fed, zero_for_one=zero_for_one)
    reserves = (state.reserve0, state.reserve1) if zero_for_one else (state.reserve1, state.reserve0)
    out = fed * reserves[1] // (reserves[0] + fed)
    after = (reserves[0] + amount_in, reserves[1] - out)
    reserve0, reserve1 = after if zero_for_one else after[::-1]
    return V2State(reserve0=reserve0, reserve1=reserve1), out


def _v3_swap(state: V3State, fed: int, *, zero_for_one: bool) -> tuple[PoolState, int]:
    root, liquidity = state.sqrt_price_x96, max(state.liquidity, 1)
    if zero_for_one:
        after = (liquidity * root << 96) // ((liquidity << 96) + fed * root)
        out = liquidity * (root - after) // Q96
    else:
        after = root + (fed << 96) // liquidity
        out = (liquidity << 96) * (after - root) // (root * after)
    return V3State(sqrt_price_x96=after, tick=state.tick, liquidity=state.liquidity), out
