"""Gas: whether this is a dear moment to send a transaction."""

from dataclasses import dataclass
from statistics import median

from paper_trading.intelligence.base import Evidence, MarketView, Reading
from paper_trading.intelligence.estimators import clamp

_LEAST = 8
_GWEI = 1e9


@dataclass(frozen=True, slots=True)
class Gas:
    """Judges conditions only: a base fee at its recent median is neutral, twice that the worst score."""

    name: str = "gas"

    def read(self, view: MarketView) -> Reading | None:
        now = view.head.base_fee_per_gas
        if now is None or len(view.base_fees) < _LEAST:
            return None
        usual = median(view.base_fees)
        ratio = now / usual if usual > 0 else 1.0
        return Reading(
            signal=self.name,
            score=clamp(1.0 - ratio, -1.0, 1.0),
            confidence=len(view.base_fees) / (len(view.base_fees) + _LEAST),
            expected_move_bps=0.0,
            evidence=(
                Evidence(name="base fee", value=round(now / _GWEI, 3), unit="gwei"),
                Evidence(name="usual", value=round(usual / _GWEI, 3), unit="gwei"),
            ),
            reason=f"base fee {now / _GWEI:.2f} gwei, usually {usual / _GWEI:.2f}",
        )
