"""Amounts between two prices and prices after an amount, after v3-core SqrtPriceMath.sol.

Prices are Q64.96 square roots, liquidity is uint128, amounts are base units. Rounding is always in the pool's favour.
"""

from dex.amm.errors import IntegerOverflow, PriceImpossible, ZeroLiquidity
from dex.amm.full_math import MAX_UINT160, MAX_UINT256, div_rounding_up, mul_div, mul_div_rounding_up


def get_amount0_delta(sqrt_ratio_a: int, sqrt_ratio_b: int, liquidity: int, round_up: bool) -> int:
    """Token0 that ``liquidity`` holds between two prices, in any order; raises ``PriceImpossible`` at price 0.

    Rounding up rounds twice, as the contract does: liquidity * (1/sqrt(a) - 1/sqrt(b)) has two divisions.
    """
    if sqrt_ratio_a > sqrt_ratio_b:
        sqrt_ratio_a, sqrt_ratio_b = sqrt_ratio_b, sqrt_ratio_a
    if sqrt_ratio_a <= 0:
        raise PriceImpossible
    product = (liquidity << 96) * (sqrt_ratio_b - sqrt_ratio_a)
    if round_up:
        return -(-product // sqrt_ratio_b // sqrt_ratio_a)
    return product // sqrt_ratio_b // sqrt_ratio_a


def get_amount1_delta(sqrt_ratio_a: int, sqrt_ratio_b: int, liquidity: int, round_up: bool) -> int:
    """Token1 that ``liquidity`` holds between two prices, in any order."""
    product = liquidity * abs(sqrt_ratio_b - sqrt_ratio_a)
    return -(-product >> 96) if round_up else product >> 96


def get_next_sqrt_price_from_input(sqrt_price: int, liquidity: int, amount_in: int, zero_for_one: bool) -> int:
    """The price after ``amount_in`` went in, rounded so that it never passes the exact one.

    Raises ``PriceImpossible`` at price 0, ``ZeroLiquidity``, and ``IntegerOverflow`` past uint160.
    """
    _require_price_and_liquidity(sqrt_price, liquidity)
    if zero_for_one:
        return get_next_sqrt_price_from_amount0_rounding_up(sqrt_price, liquidity, amount_in, add=True)
    return get_next_sqrt_price_from_amount1_rounding_down(sqrt_price, liquidity, amount_in, add=True)


def get_next_sqrt_price_from_output(sqrt_price: int, liquidity: int, amount_out: int, zero_for_one: bool) -> int:
    """The price after ``amount_out`` came out, rounded so that it always reaches the exact one.

    Raises ``PriceImpossible`` when the range holds less, at price 0 too, ``ZeroLiquidity``, and ``IntegerOverflow``.
    """
    _require_price_and_liquidity(sqrt_price, liquidity)
    if zero_for_one:
        return get_next_sqrt_price_from_amount1_rounding_down(sqrt_price, liquidity, amount_out, add=False)
    return get_next_sqrt_price_from_amount0_rounding_up(sqrt_price, liquidity, amount_out, add=False)


def get_next_sqrt_price_from_amount0_rounding_up(sqrt_price: int, liquidity: int, amount: int, add: bool) -> int:
    """The price after token0 was added to or taken from a range, rounded up; raises as its two callers above."""
    if amount == 0:
        return sqrt_price  # the formula would not return the price unchanged
    numerator = liquidity << 96
    product = amount * sqrt_price
    if add:
        denominator = numerator + product
        if denominator <= MAX_UINT256:
            return mul_div_rounding_up(numerator, sqrt_price, denominator)
        # Where the exact denominator does not fit 256 bits the contract takes a coarser one.
        denominator = numerator // sqrt_price + amount
        if denominator > MAX_UINT256:
            raise IntegerOverflow
        return div_rounding_up(numerator, denominator)
    if product > MAX_UINT256 or numerator <= product:
        raise PriceImpossible
    return _to_uint160(mul_div_rounding_up(numerator, sqrt_price, numerator - product))


def get_next_sqrt_price_from_amount1_rounding_down(sqrt_price: int, liquidity: int, amount: int, add: bool) -> int:
    """The price after token1 was added to or taken from a range, rounded down; raises as its two callers above."""
    if add:
        return _to_uint160(sqrt_price + mul_div(amount, 1 << 96, liquidity))
    quotient = mul_div_rounding_up(amount, 1 << 96, liquidity)
    if sqrt_price <= quotient:
        raise PriceImpossible
    return sqrt_price - quotient


def _require_price_and_liquidity(sqrt_price: int, liquidity: int) -> None:
    if sqrt_price <= 0:
        raise PriceImpossible
    if liquidity <= 0:
        raise ZeroLiquidity


def _to_uint160(value: int) -> int:
    if value > MAX_UINT160:
        raise IntegerOverflow
    return value
