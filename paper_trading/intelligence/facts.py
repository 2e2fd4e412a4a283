"""One token at one head, for all sessions: every figure is computed once, when somebody first asks for it."""

from collections.abc import Sequence

from dex.types import BlockRef
from paper_trading.intelligence.base import Decision, FlowSeries, PriceSeries, Reading
from paper_trading.intelligence.forecast import Forecast, forecast
from paper_trading.intelligence.intel_slider import IntelSettings
from paper_trading.intelligence.noise import noise_bps
from paper_trading.intelligence.signals import MARKET_SIGNALS


class TokenFacts:
    """A ``MarketView`` and its ``Shared`` figures.

    ``least_cost_bps`` is what any round trip costs at least, before gas, whatever its size and paths; below 0 where two
    pools differ by more than their fees. ``least_fee_bps`` is what any path charges at least, one way.
    ``holds`` has the verdicts that are the same for every account of some settings.
    """

    __slots__ = (
        "_forecasts",
        "_noise_bps",
        "_readings",
        "base_fees",
        "flows",
        "head",
        "holds",
        "least_cost_bps",
        "least_fee_bps",
        "prices",
    )

    def __init__(
        self,
        *,
        head: BlockRef,
        prices: PriceSeries,
        flows: FlowSeries,
        base_fees: Sequence[int],
        least_cost_bps: float = 0.0,
        least_fee_bps: float = 0.0,
    ) -> None:
        self.head = head
        self.prices = prices
        self.flows = flows
        self.base_fees = base_fees
        self.least_cost_bps = least_cost_bps
        self.least_fee_bps = least_fee_bps
        self.holds: dict[IntelSettings, Decision | None] = {}
        self._noise_bps: float | None = None
        self._readings: dict[str, Reading | None] = {}
        self._forecasts: dict[tuple[str, ...], tuple[tuple[Reading, ...], Forecast]] = {}

    @property
    def noise_bps(self) -> float:
        if self._noise_bps is None:
            self._noise_bps = noise_bps(self.prices.logs)
        return self._noise_bps

    def reading(self, signal: str) -> Reading | None:
        if signal not in self._readings:
            self._readings[signal] = MARKET_SIGNALS[signal].read(self)
        return self._readings[signal]

    def expected(self, signals: tuple[str, ...]) -> tuple[tuple[Reading, ...], Forecast]:
        """The readings of those ``signals`` that need no quote, and their forecast.

        The move is the one that all of ``signals`` give; the confidence is the most that they can give, since the
        others judge conditions and only take confidence off.
        """
        known = self._forecasts.get(signals)
        if known is None:
            found = (self.reading(name) for name in signals if name in MARKET_SIGNALS)
            readings = tuple(reading for reading in found if reading is not None)
            known = self._forecasts[signals] = readings, forecast(readings)
        return known
