"""Exact models of automated market makers: integer for integer what the published contracts compute."""

from dex.amm import sqrt_price_math, swap_math, tick_math
from dex.amm.concentrated import ConcentratedPool
from dex.amm.constant_product import ConstantProductPool
from dex.amm.result import SwapResult
from dex.amm.ticks import TickInfo

__all__ = [
    "ConcentratedPool",
    "ConstantProductPool",
    "SwapResult",
    "TickInfo",
    "sqrt_price_math",
    "swap_math",
    "tick_math",
]
