"""Volatility: whether the market is wilder now than it usually is."""

from dataclasses import dataclass

from paper_trading.intelligence.base import Evidence, MarketView, Reading
from paper_trading.intelligence.estimators import clamp
from paper_trading.intelligence.noise import noise_bps

_LEAST = 24
_RECENT = 16


@dataclass(frozen=True, slots=True)
class Volatility:
    """Judges conditions only. A ratio of 1 is neutral, 2 and more the worst score."""

    name: str = "volatility"

    def read(self, view: MarketView) -> Reading | None:
        logs = view.prices.logs
        if len(logs) < _LEAST:
            return None
        usual = noise_bps(logs)
        recent = noise_bps(logs[-_RECENT - 1 :])
        ratio = recent / usual if usual > 0.0 else 1.0
        return Reading(
            signal=self.name,
            score=clamp(1.0 - ratio, -1.0, 1.0),
            confidence=len(logs) / (len(logs) + _LEAST),
            expected_move_bps=0.0,
            evidence=(
                Evidence(name="recent", value=round(recent, 2), unit="bps a step"),
                Evidence(name="usual", value=round(usual, 2), unit="bps a step"),
            ),
            reason=f"volatility {recent:.1f} bps a step, usually {usual:.1f}",
        )
