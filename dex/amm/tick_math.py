"""Square-root prices of ticks and back, after v3-core TickMath.sol.

A square-root price is sqrt(token1 / token0) as Q64.96; the price of tick ``t`` is 1.0001 ** t.
"""

from functools import lru_cache
from math import floor, log

from dex.amm.errors import SqrtPriceRangeError, TickRangeError
from dex.amm.full_math import MAX_UINT256, Q96

MIN_TICK = -887272
MAX_TICK = 887272
MIN_SQRT_RATIO = 4295128739
MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342

# For each bit of a tick 2**128 / 1.0001 ** (bit / 2), as TickMath.sol rounds it.
_BIT_FACTORS = (
    (0x1, 0xFFFCB933BD6FAD37AA2D162D1A594001),
    (0x2, 0xFFF97272373D413259A46990580E213A),
    (0x4, 0xFFF2E50F5F656932EF12357CF3C7FDCC),
    (0x8, 0xFFE5CACA7E10E4E61C3624EAA0941CD0),
    (0x10, 0xFFCB9843D60F6159C9DB58835C926644),
    (0x20, 0xFF973B41FA98C081472E6896DFB254C0),
    (0x40, 0xFF2EA16466C96A3843EC78B326B52861),
    (0x80, 0xFE5DEE046A99A2A811C461F1969C3053),
    (0x100, 0xFCBE86C7900A88AEDCFFC83B479AA3A4),
    (0x200, 0xF987A7253AC413176F2B074CF7815E54),
    (0x400, 0xF3392B0822B70005940C7A398E4B70F3),
    (0x800, 0xE7159475A2C29B7443B29C7FA6E889D9),
    (0x1000, 0xD097F3BDFD2022B8845AD8F792AA5825),
    (0x2000, 0xA9F746462D870FDF8A65DC1F90E061E5),
    (0x4000, 0x70D869A156D2A1B890BB3DF62BAF32F7),
    (0x8000, 0x31BE135F97D08FD981231505542FCFA6),
    (0x10000, 0x9AA508B5B7A84E1C677DE54F3E99BC9),
    (0x20000, 0x5D6AF8DEDB81196699C329225EE604),
    (0x40000, 0x2216E584F5FA1EA926041BEDFE98),
    (0x80000, 0x48A170391F7DC42444E8FA2),
)
_HALF_TICKS_PER_LOG = 2 / log(1.0001)
_LOG_Q96 = log(Q96)


@lru_cache(maxsize=1 << 16)
def get_sqrt_ratio_at_tick(tick: int) -> int:
    """The lowest square-root price (Q64.96) that belongs to ``tick``; raises ``TickRangeError``.

    >>> get_sqrt_ratio_at_tick(0) == 2**96
    True
    """
    distance = abs(tick)
    if distance > MAX_TICK:
        raise TickRangeError(tick)
    ratio = 1 << 128
    for bit, factor in _BIT_FACTORS:
        if distance & bit:
            ratio = ratio * factor >> 128
    if tick > 0:
        ratio = MAX_UINT256 // ratio
    return -(-ratio >> 32)  # rounded up, so that the price of a tick never belongs to the tick below


def get_tick_at_sqrt_ratio(sqrt_price_x96: int) -> int:
    """The greatest tick whose square-root price is not above ``sqrt_price_x96``; raises ``SqrtPriceRangeError``.

    A logarithm finds the nearest tick boundary, far within half a tick; the exact price of that boundary then decides.

    >>> get_tick_at_sqrt_ratio(2**96 - 1)
    -1
    """
    if not MIN_SQRT_RATIO <= sqrt_price_x96 < MAX_SQRT_RATIO:
        raise SqrtPriceRangeError(sqrt_price_x96)
    boundary = floor((log(sqrt_price_x96) - _LOG_Q96) * _HALF_TICKS_PER_LOG + 0.5)
    return boundary if get_sqrt_ratio_at_tick(boundary) <= sqrt_price_x96 else boundary - 1
