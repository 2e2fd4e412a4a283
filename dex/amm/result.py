"""What a swap did to a pool."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapResult:
    """Amounts are base units, signed as the pool sees them: positive came in, negative went out.

    On a concentrated pool the other fields are the state after the swap, all as in the Swap event of IUniswapV3Pool;
    the input side is smaller than asked for exactly when the fill was partial. A constant-product pool has none of
    them.
    """

    amount0: int
    amount1: int
    sqrt_price_x96: int | None = None
    tick: int | None = None
    liquidity: int | None = None
