"""Estimators that the signals share. Floats: nothing here is money."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import erfc, sqrt
from operator import mul, sub

# Quantiles of the Dickey-Fuller t statistic with a constant, about 100 observations (Fuller 1976; the median is
# ours, by simulation).
_DICKEY_FULLER = ((-3.51, 0.01), (-3.17, 0.025), (-2.89, 0.05), (-2.58, 0.10), (-1.57, 0.50), (-0.42, 0.90))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """A regression's slope and its t statistic."""

    value: float
    t: float


def two_sided_p(t: float) -> float:
    """Chance of a standard normal at least as far from 0 as ``t``."""
    return erfc(abs(t) / sqrt(2.0))


def steps(levels: Sequence[float]) -> list[float]:
    """The difference of each level to the one before it."""
    return list(map(sub, levels[1:], levels))


def drift(moves: Sequence[float], lags: int = 3) -> Slope:
    """Mean step and its t statistic, robust to autocorrelation up to ``lags`` (Newey and West 1987).

    The variance is never taken smaller than the plain one, so that a price that bounces between two levels does not
    look like a sure drift. Needs two steps; a series without any variation has t = 0.
    """
    count = len(moves)
    mean = sum(moves) / count
    centred = [move - mean for move in moves]
    plain = sum(map(mul, centred, centred))
    robust = plain
    for lag in range(1, lags + 1):
        weight = 1.0 - lag / (lags + 1)
        robust += 2.0 * weight * sum(map(mul, centred, centred[lag:]))
    variance = max(plain, robust) / (count * (count - 1))
    if variance <= 1e-24:
        return Slope(value=mean, t=0.0)
    return Slope(value=mean, t=mean / sqrt(variance))


def shrink(t: float) -> float:
    """Share of an estimate to believe, given its t statistic (positive-part James-Stein)."""
    return max(0.0, 1.0 - 1.0 / (t * t)) if t != 0.0 else 0.0


def persistence(logs: Sequence[float], window: int, horizon: int, *, prior: float, prior_weight: float) -> float:
    """Which part of the drift over ``window`` steps the next ``horizon`` steps kept, in this very series.

    Slope through the origin of the drift after on the drift before, sampled every quarter window, pulled towards
    ``prior`` as if ``prior_weight`` independent samples of average size had shown it.
    """
    stride = max(1, window // 4)
    cross = square = 0.0
    samples = 0
    for at in range(len(logs) - 1 - horizon, window - 1, -stride):
        past = (logs[at] - logs[at - window]) / window
        cross += past * (logs[at + horizon] - logs[at]) / horizon
        square += past * past
        samples += 1
    if samples == 0 or square <= 1e-24:
        return prior
    overlap = (window + horizon) / stride  # so many neighbours look at the same prices
    pull = prior_weight * overlap * square / samples
    return (cross + prior * pull) / (square + pull)


def through_origin(xs: Sequence[float], ys: Sequence[float]) -> Slope:
    """Least squares of ``ys`` on ``xs`` without a constant; value and t are 0 where ``xs`` does not vary."""
    square = sum(x * x for x in xs)
    if len(xs) < 3 or square <= 1e-24:
        return Slope(value=0.0, t=0.0)
    value = sum(x * y for x, y in zip(xs, ys, strict=True)) / square
    rest = sum((y - value * x) ** 2 for x, y in zip(xs, ys, strict=True)) / (len(xs) - 1)
    if rest <= 1e-24:
        return Slope(value=value, t=0.0)
    return Slope(value=value, t=value / sqrt(rest / square))


def pull_to_mean(levels: Sequence[float]) -> tuple[Slope, float]:
    """Regression of each step on the level before it, and the mean of ``levels``: the Dickey-Fuller regression.

    The slope is in (-1, 0) for a series that returns to its mean: the share of the distance made good each step.
    """
    moves = steps(levels)
    count = len(moves)
    mean_before = sum(levels[:-1]) / count
    mean_move = sum(moves) / count
    xs = [level - mean_before for level in levels[:-1]]
    ys = [move - mean_move for move in moves]
    square, cross, total = sum(map(mul, xs, xs)), sum(map(mul, xs, ys)), sum(map(mul, ys, ys))
    mean = sum(levels) / len(levels)
    if square <= 1e-24:
        return Slope(value=0.0, t=0.0), mean
    value = cross / square
    rest = max(0.0, total - value * cross) / (count - 2)
    if rest <= 1e-24:
        return Slope(value=value, t=0.0), mean
    return Slope(value=value, t=value / sqrt(rest / square)), mean


def unit_root_p(t: float) -> float:
    """Chance that a random walk gives a Dickey-Fuller statistic as low as ``t``, between the table's rows linearly."""
    if t <= _DICKEY_FULLER[0][0]:
        return _DICKEY_FULLER[0][1]
    for (low, p_low), (high, p_high) in pairwise(_DICKEY_FULLER):
        if t <= high:
            return p_low + (p_high - p_low) * (t - low) / (high - low)
    return 1.0


def clamp(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))
