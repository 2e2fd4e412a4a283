"""Trend: a drift that stands out from the noise, and how long drifts have lasted in this series."""

from dataclasses import dataclass

from dex.types import BPS_ONE
from paper_trading.intelligence.base import Evidence, MarketView, Reading
from paper_trading.intelligence.estimators import clamp, drift, persistence, shrink, steps, two_sided_p

# Prices, not seconds: the same windows are half a minute to a minute and a half on one-second blocks and hours on a
# pool that trades every other minute.
_WINDOWS = (16, 32, 64)
_HORIZON = 64
_PRIOR = 0.5  # of its pace: what is assumed until the series itself has shown how long its drifts last
_PRIOR_WEIGHT = 4.0
_FULL_SCORE_BPS = 200.0


@dataclass(frozen=True, slots=True)
class Trend:
    name: str = "trend"

    def read(self, view: MarketView) -> Reading | None:
        logs = view.prices.logs
        windows = [window for window in _WINDOWS if window < len(logs)]
        if not windows:
            return None
        drifts = {window: drift(steps(logs[-window - 1 :])) for window in windows}
        window = max(windows, key=lambda size: abs(drifts[size].t))
        found = drifts[window]
        lasting = clamp(persistence(logs, window, _HORIZON, prior=_PRIOR, prior_weight=_PRIOR_WEIGHT), 0.0, 1.0)
        move = BPS_ONE * found.value * _HORIZON * shrink(found.t) * lasting
        # The best of several windows is looked at, so its chance of being luck is that many times higher.
        confidence = max(0.0, 1.0 - len(windows) * two_sided_p(found.t))
        seen = BPS_ONE * found.value * window
        return Reading(
            signal=self.name,
            score=clamp(move / _FULL_SCORE_BPS, -1.0, 1.0),
            confidence=confidence,
            expected_move_bps=move,
            evidence=(
                Evidence(name="drift", value=round(seen, 1), unit="bps"),
                Evidence(name="window", value=window, unit="prices"),
                Evidence(name="t", value=round(found.t, 2), unit=""),
                Evidence(name="persistence", value=round(lasting, 2), unit=""),
            ),
            reason=f"drift {seen:+.0f} bps over {window} prices (t {found.t:+.1f}), {lasting:.0%} of its pace to last",
        )
