"""One swap in one pool, whatever its protocol."""

from dataclasses import dataclass

from dex.types import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """``amount0``/``amount1`` are signed base units as the pool sees them: positive came in, negative went out.

    ``price`` is the pool's mid price after the trade, token1 per token0 in base units. ``timestamp`` is the block's.
    """

    pool: Address
    block_number: int
    timestamp: int
    log_index: int
    amount0: int
    amount1: int
    price: float
