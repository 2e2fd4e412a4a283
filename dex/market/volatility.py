"""Volatility of a price series in basis points a step."""

from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt

from dex.types import BPS_ONE


def log_returns(prices: Sequence[float]) -> list[float]:
    """Natural log returns between neighbours; prices must be above 0."""
    logs = [log(price) for price in prices]
    return [after - before for before, after in pairwise(logs)]


def realised_bps(prices: Sequence[float]) -> float | None:
    """Root mean square return a step in bps, no mean taken out; None under two prices."""
    returns = log_returns(prices)
    if not returns:
        return None
    return BPS_ONE * sqrt(sum(step * step for step in returns) / len(returns))


def ewma_bps(prices: Sequence[float], half_life: float) -> float | None:
    """Like ``realised_bps`` with weights that halve every ``half_life`` steps into the past (RiskMetrics' estimator).

    The weights are normalised, so that a short series is not biased towards 0.
    """
    returns = log_returns(prices)
    if not returns:
        return None
    decay = 0.5 ** (1.0 / half_life)
    total = weights = 0.0
    for step in returns:
        total = total * decay + step * step
        weights = weights * decay + 1.0
    return BPS_ONE * sqrt(total / weights)
