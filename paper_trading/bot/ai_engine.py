"""Decides, for one token at one head, whether to buy, sell or hold. Pure: the same view gives the same decision."""

from math import isfinite

from dex.types import BPS_ONE
from paper_trading.bot.entries import best_entry, entry_gate
from paper_trading.intelligence.base import (
    Action,
    Decision,
    MarketView,
    PortfolioView,
    Reading,
    Signal,
    TokenView,
)
from paper_trading.intelligence.exits import exit_for
from paper_trading.intelligence.forecast import Forecast, forecast
from paper_trading.intelligence.intel_slider import IntelSettings
from paper_trading.intelligence.limits import candidate_sizes, tolerance_bps
from paper_trading.intelligence.signals import MARKET_SIGNALS, SIGNALS
from paper_trading.intelligence.verdicts import Gate, hold

_LEAST_PRICES = 24


class AIEngine:
    """Reads the level's signals, weighs them into an expected move and trades only when that pays for every cost.

    Data that is stale, unsettled or missing never trades, at any level.
    """

    def __init__(self, settings: IntelSettings) -> None:
        self.settings = settings
        self._signals = tuple(SIGNALS[name] for name in settings.signals)

    def sizes(self, portfolio: PortfolioView) -> tuple[int, ...]:
        """Quote amounts to put on the view's ladder; empty when nothing could be bought anyway."""
        return candidate_sizes(self.settings, portfolio)

    def decide(self, view: TokenView, portfolio: PortfolioView) -> Decision:
        """One decision for the view's token; see ``Gate`` for the codes of a hold."""
        gate = data_gate(
            view,
            head_age=view.head_age_seconds,
            max_head_age=view.max_head_age_seconds,
            settled=view.settled,
            charged=portfolio.native_balance is not None,
            held=view.position is not None,
        )
        if gate is not None:
            return hold(gate, (), Forecast(move_bps=0.0, confidence=0.0))
        readings = self._read(view)
        expected = forecast(readings)
        if view.position is not None:
            return self._leave(view, portfolio, readings, expected)
        return self._enter(view, portfolio, readings, expected)

    def _read(self, view: TokenView) -> tuple[Reading, ...]:
        readings = (self._reading(signal, view) for signal in self._signals)
        return tuple(reading for reading in readings if reading is not None)

    @staticmethod
    def _reading(signal: Signal, view: TokenView) -> Reading | None:
        if view.shared is None or signal.name not in MARKET_SIGNALS:
            return signal.read(view)
        return view.shared.reading(signal.name)

    def _enter(
        self, view: TokenView, portfolio: PortfolioView, readings: tuple[Reading, ...], expected: Forecast
    ) -> Decision:
        gate = entry_gate(view, portfolio, expected, self.settings)
        if gate is not None:
            return hold(gate, readings, expected)
        entry = best_entry(view, portfolio, expected, self.settings)
        if isinstance(entry, Gate):
            return hold(entry, readings, expected)
        lines = (
            f"expects {expected.move_bps:+.0f} bps, costs {entry.cost_bps:.0f}, leaves {entry.edge_bps:.0f} "
            f"over a bar of {entry.bar_bps:.0f}, {expected.confidence:.0%} sure",
            *(reading.reason for reading in readings),
        )
        return Decision(
            action=Action.BUY,
            code="edge_over_bar",
            reasons=lines,
            edge_bps=entry.edge_bps,
            cost_bps=entry.cost_bps,
            confidence=expected.confidence,
            size=entry.size,
            tolerance_bps=tolerance_bps(self.settings, view.noise_bps),
            readings=readings,
        )

    def _leave(
        self, view: TokenView, portfolio: PortfolioView, readings: tuple[Reading, ...], expected: Forecast
    ) -> Decision:
        position, worth = view.position, view.exit_worth
        if position is None or worth is None:
            return hold(Gate(code="missing_data", line="no exit quote for the position"), readings, expected)
        leave = exit_for(view, position, worth, expected, self.settings)
        if leave is None:
            line = f"worth {BPS_ONE * (worth - position.cost) / position.cost:+.0f} bps against its cost"
            return hold(Gate(code="holding", line=line), readings, expected)
        blocked = _sale_gate(view, portfolio, worth)
        if blocked is not None:
            return hold(blocked, readings, expected)
        return Decision(
            action=Action.SELL,
            code=leave.reason.value,
            reasons=(leave.line, *(reading.reason for reading in readings)),
            edge_bps=expected.move_bps,
            cost_bps=0.0,
            confidence=expected.confidence,
            size=position.quantity,
            tolerance_bps=tolerance_bps(self.settings, view.noise_bps),
            readings=readings,
        )


def data_gate(
    market: MarketView, *, head_age: float, max_head_age: float, settled: bool, charged: bool, held: bool
) -> Gate | None:
    """Why nothing may be traded on ``market``. Ages are seconds; ``charged`` where gas is, ``held`` for a position."""
    if not settled:
        return Gate(code="market_unsettled", line="a gap, a reorg or a disagreement of nodes is unresolved")
    if head_age > max_head_age:
        return Gate(code="stale_data", line=f"the head is {head_age:.0f} s old, {max_head_age:.0f} allowed")
    prices = market.prices
    if not prices.blocks or prices.blocks[-1] != market.head.number:
        return Gate(code="missing_data", line="no price at the head")
    if not all(isfinite(price) and price > 0.0 for price in (prices.prices[-1], prices.prices[0])):
        return Gate(code="missing_data", line="the price is not a number above 0")
    if charged and market.head.base_fee_per_gas is None:
        return Gate(code="missing_data", line="the head's base fee is unknown")
    if not held and len(prices.blocks) < _LEAST_PRICES:
        return Gate(code="short_history", line=f"{len(prices.blocks)} of {_LEAST_PRICES} prices seen")
    return None


def _sale_gate(view: TokenView, portfolio: PortfolioView, worth: int) -> Gate | None:
    if portfolio.native_balance is not None:
        if view.sell_gas_wei is None or view.sell_gas_quote is None:
            return Gate(code="missing_data", line="the gas of a sale is unknown")
        if portfolio.native_balance < view.sell_gas_wei:
            return Gate(code="no_gas_money", line="the native balance does not cover the gas of a sale")
        if worth <= view.sell_gas_quote:
            return Gate(code="not_worth_gas", line="the position is worth less than the gas of its sale")
    return None
