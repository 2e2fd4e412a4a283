"""Division of 512-bit products and the integer bounds, after v3-core FullMath.sol, UnsafeMath.sol and SafeCast.sol."""

from dex.amm.errors import DivisionByZero, IntegerOverflow

MAX_UINT112 = (1 << 112) - 1
MAX_UINT128 = (1 << 128) - 1
MAX_UINT160 = (1 << 160) - 1
MAX_UINT256 = (1 << 256) - 1
MAX_INT128 = (1 << 127) - 1
MAX_INT256 = (1 << 255) - 1
MIN_INT256 = -(1 << 255)
Q96 = 1 << 96


def mul_div(a: int, b: int, denominator: int) -> int:
    """floor(a * b / denominator) of uint256 values; raises ``DivisionByZero``, or ``IntegerOverflow`` past uint256."""
    if denominator <= 0:
        raise DivisionByZero
    result = a * b // denominator
    if result > MAX_UINT256:
        raise IntegerOverflow
    return result


def mul_div_rounding_up(a: int, b: int, denominator: int) -> int:
    """ceil(a * b / denominator) of uint256 values; raises as ``mul_div``."""
    if denominator <= 0:
        raise DivisionByZero
    result = -(-a * b // denominator)
    if result > MAX_UINT256:
        raise IntegerOverflow
    return result


def div_rounding_up(numerator: int, denominator: int) -> int:
    """ceil(numerator / denominator) of non-negative values; the caller has excluded a zero denominator."""
    return -(-numerator // denominator)
