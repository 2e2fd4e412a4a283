"""Mean reversion: whether this series returns to its mean at all, and how far it is away now."""

from dataclasses import dataclass

from dex.types import BPS_ONE
from paper_trading.intelligence.base import Evidence, MarketView, Reading
from paper_trading.intelligence.estimators import clamp, pull_to_mean, unit_root_p

_WINDOW = 128
_LEAST = 48
_HORIZON = 24
_FULL_SCORE_BPS = 200.0


@dataclass(frozen=True, slots=True)
class MeanReversion:
    """A random walk shows a pull too; its confidence is what the Dickey-Fuller test leaves of it."""

    name: str = "mean_reversion"

    def read(self, view: MarketView) -> Reading | None:
        levels = view.prices.logs[-_WINDOW:]
        if len(levels) < _LEAST:
            return None
        pull, mean = pull_to_mean(levels)
        away = levels[-1] - mean
        made_good = 1.0 - (1.0 - clamp(-pull.value, 0.0, 1.0)) ** _HORIZON
        confidence = max(0.0, 1.0 - 2.0 * unit_root_p(pull.t))
        move = -BPS_ONE * away * made_good
        return Reading(
            signal=self.name,
            score=clamp(move / _FULL_SCORE_BPS, -1.0, 1.0),
            confidence=confidence,
            expected_move_bps=move,
            evidence=(
                Evidence(name="away from mean", value=round(BPS_ONE * away, 1), unit="bps"),
                Evidence(name="pull a step", value=round(-pull.value, 4), unit=""),
                Evidence(name="Dickey-Fuller t", value=round(pull.t, 2), unit=""),
            ),
            reason=f"{BPS_ONE * away:+.0f} bps from its mean, pull {-pull.value:.1%} a step (t {pull.t:.1f})",
        )
