"""Mid prices, for statistics and display only: never for an amount."""

from collections.abc import Iterable, Mapping
from math import prod

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.market.errors import NoPrice
from dex.routing.plan import Hop
from dex.types import Address

PoolState = ConstantProductPool | ConcentratedPool
"""Either pool model; both are immutable values."""

_Q96_INVERSE = 2.0**-96


def sqrt_price_to_float(sqrt_price_x96: int) -> float:
    """Token1 per token0 in base units, from a Uniswap V3 square root price.

    >>> sqrt_price_to_float(2**96)
    1.0
    """
    root = sqrt_price_x96 * _Q96_INVERSE
    return root * root


def mid_price(pool: PoolState) -> float:
    """Token1 per token0 in base units, before fee and impact; raises ``NoPrice`` for a pool that is empty."""
    if isinstance(pool, ConcentratedPool):
        if pool.sqrt_price_x96 == 0:
            raise NoPrice("the pool is not initialised")
        return sqrt_price_to_float(pool.sqrt_price_x96)
    if pool.reserve0 == 0 or pool.reserve1 == 0:
        raise NoPrice("the pool is empty")
    return pool.reserve1 / pool.reserve0


def hops_price(states: Mapping[Address, PoolState], hops: Iterable[Hop]) -> float:
    """Last token out per first token in, in base units, before fees and impact.

    Raises ``NoPrice`` where a pool of the hops has none and ``KeyError`` where one is unknown.
    """
    return prod(mid_price(states[hop.pool]) if hop.zero_for_one else 1.0 / mid_price(states[hop.pool]) for hop in hops)
