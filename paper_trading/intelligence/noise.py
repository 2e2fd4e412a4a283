"""The noise of a price series, for stops, tolerances and the volatility signal."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from dex.types import BPS_ONE

_WINDOW = 240


def noise_bps(logs: Sequence[float]) -> float:
    """Root mean square step of the newest (at most 240) log prices in bps; 0 under two prices."""
    recent = logs[-_WINDOW:]
    if len(recent) < 2:
        return 0.0
    total = sum((after - before) ** 2 for before, after in pairwise(recent))
    return BPS_ONE * sqrt(total / (len(recent) - 1))
