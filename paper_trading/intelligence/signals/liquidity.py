"""Liquidity: what our own size would do to the price."""

from dataclasses import dataclass

from paper_trading.intelligence.base import Evidence, Reading, TokenView
from paper_trading.intelligence.costs import round_trip
from paper_trading.intelligence.estimators import clamp

_NEUTRAL_BPS = 30.0


@dataclass(frozen=True, slots=True)
class Liquidity:
    """Judges conditions only: 30 bps of impact on the way in and out at the middle size is neutral, 60 the worst."""

    name: str = "liquidity"

    def read(self, view: TokenView) -> Reading | None:
        if not view.ladder:
            return None
        middle = view.ladder[len(view.ladder) // 2]
        impact = round_trip(view, middle).impact_bps
        return Reading(
            signal=self.name,
            score=clamp(1.0 - impact / _NEUTRAL_BPS, -1.0, 1.0),
            confidence=1.0,
            expected_move_bps=0.0,
            evidence=(
                Evidence(name="impact", value=round(impact, 1), unit="bps"),
                Evidence(name="at size", value=middle.amount_in, unit="base units"),
            ),
            reason=f"price impact {impact:.1f} bps both ways at the middle size",
        )
