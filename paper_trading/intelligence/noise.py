"""The noise of a price series, for stops, tolerances and the volatility signal."""

from collections.abc import Sequence
from math import sqrt
from operator import mul

from dex.types import BPS_ONE
from paper_trading.intelligence.estimators import steps

_WINDOW = 240


def noise_bps(logs: Sequence[float]) -> float:
    """Root mean square step of the newest (at most 240) log prices in bps; 0 under two prices."""
    recent = logs[-_WINDOW:]
    if len(recent) < 2:
        return 0.0
    moves = steps(recent)
    return BPS_ONE * sqrt(sum(map(mul, moves, moves)) / len(moves))
