"""From readings to one forecast."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paper_trading.intelligence.base import Reading
from paper_trading.intelligence.signals import DIRECTIONAL

# Order flow looks ahead over fewer prices than a trade lasts, so it counts for less.
WEIGHTS: Mapping[str, float] = MappingProxyType({"trend": 1.0, "mean_reversion": 1.0, "order_flow": 0.5})
_CONDITION_SHARE = 0.35
"""The most that one bad condition takes off the confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The expected move of the mid price before any cost, and how sure it is, in [0, 1]."""

    move_bps: float
    confidence: float


def forecast(readings: Iterable[Reading]) -> Forecast:
    """Weighs the directional readings by their confidence; those that disagree with the outcome take confidence off.

    Conditions that are worse than neutral take off up to a third each. Without a directional reading that has any
    confidence the forecast is no move, with no confidence.
    """
    readings = tuple(readings)
    directional = [
        (WEIGHTS[reading.signal] * reading.confidence, reading) for reading in readings if reading.signal in DIRECTIONAL
    ]
    total = sum(weight for weight, _ in directional)
    if total <= 0.0:
        return Forecast(move_bps=0.0, confidence=0.0)
    move = sum(weight * reading.expected_move_bps for weight, reading in directional) / total
    agreed = sum(_signed(move, reading) * weight for weight, reading in directional) / total
    return Forecast(move_bps=move, confidence=max(0.0, agreed) * _conditions(readings))


def _signed(move: float, reading: Reading) -> float:
    if move * reading.expected_move_bps > 0.0:
        return reading.confidence
    return -reading.confidence if move * reading.expected_move_bps < 0.0 else 0.0


def _conditions(readings: Iterable[Reading]) -> float:
    share = 1.0
    for reading in readings:
        if reading.signal not in DIRECTIONAL:
            share *= 1.0 + _CONDITION_SHARE * min(0.0, reading.score) * reading.confidence
    return share
