"""Whether and how much to buy."""

from dataclasses import dataclass

from paper_trading.intelligence.base import EntryQuote, MarketView, PortfolioView, TokenView
from paper_trading.intelligence.costs import RoundTrip, round_trip
from paper_trading.intelligence.exits import stop_width_bps
from paper_trading.intelligence.forecast import Forecast
from paper_trading.intelligence.intel_slider import IntelSettings
from paper_trading.intelligence.limits import largest_size, risk_sized
from paper_trading.intelligence.verdicts import Gate

_LEAST_BAR_BPS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A buy of ``size`` quote units; bps are of that size."""

    size: int
    edge_bps: float
    cost_bps: float
    bar_bps: float


def entry_gate(view: TokenView, portfolio: PortfolioView, expected: Forecast, settings: IntelSettings) -> Gate | None:
    """The first reason not to look for an entry at all."""
    return (
        _quarantine_gate(view)
        or room_gate(view, portfolio, settings)
        or least_gate(portfolio, settings)
        or _money_gate(view, portfolio)
        or sure_gate(expected, settings)
    )


def best_entry(view: TokenView, portfolio: PortfolioView, expected: Forecast, settings: IntelSettings) -> Entry | Gate:
    """The size on the ladder with the highest expected profit among those whose edge clears the bar.

    The edge is the expected move less fees, impact both ways and gas. The bar is a reserve in parts of the cost that
    shrinks with risk tolerance: 40 % at 20, none at 100, and never less than 3 bps.
    """
    allowed = [
        (quote, trip)
        for quote, trip in ((quote, round_trip(view, quote)) for quote in view.ladder)
        if trip.impact_bps <= 2 * settings.tolerance_ceiling_bps
    ]
    if not allowed:
        impact = round_trip(view, view.ladder[0]).impact_bps
        return Gate(
            code="too_much_impact",
            line=f"{impact:.0f} bps of price impact at the smallest size, {2 * settings.tolerance_ceiling_bps} allowed",
        )
    entries = [_entry(quote, trip, expected, settings) for quote, trip in allowed]
    clearing = [entry for entry in entries if entry.edge_bps >= entry.bar_bps]
    if not clearing:
        return _too_little(max(entries, key=lambda entry: entry.edge_bps), expected)
    width = stop_width_bps(view, settings)
    within = [entry for entry in clearing if _within_risk(entry, width, portfolio, settings)]
    if not within:
        return Gate(code="risk_above_limit", line="a stop-out would cost more of the equity than the level allows")
    return max(within, key=lambda entry: entry.size * entry.edge_bps)


def _too_little(best: Entry, expected: Forecast) -> Gate:
    return Gate(
        code="edge_below_bar",
        line=f"{expected.move_bps:+.0f} bps expected less {best.cost_bps:.0f} of cost, the bar is {best.bar_bps:.0f}",
        edge_bps=best.edge_bps,
        cost_bps=best.cost_bps,
    )


def _quarantine_gate(view: TokenView) -> Gate | None:
    if view.quarantined:
        return Gate(code="quarantined_pool", line="a pool on the way disagreed with the node in this session")
    return None


def room_gate(view: MarketView, portfolio: PortfolioView, settings: IntelSettings) -> Gate | None:
    """Whether the level allows another position, and one in this token by now."""
    if portfolio.open_positions >= settings.max_open_positions:
        return Gate(code="max_positions", line=f"{portfolio.open_positions} positions are open")
    if portfolio.last_trade_block is not None:
        since = view.head.number - portfolio.last_trade_block
        if since < settings.cooldown_blocks:
            return Gate(code="cooldown", line=f"{since} blocks since the last trade, {settings.cooldown_blocks} needed")
    return None


def least_gate(portfolio: PortfolioView, settings: IntelSettings) -> Gate | None:
    """Whether there is money for the smallest trade."""
    largest = largest_size(settings, portfolio)
    if largest < max(1, portfolio.min_trade_quote):
        return Gate(
            code="below_min_trade",
            line=f"{largest} base units to spend, {portfolio.min_trade_quote} is the least",
        )
    return None


def _money_gate(view: TokenView, portfolio: PortfolioView) -> Gate | None:
    if not view.ladder:
        return Gate(code="missing_data", line="no exact quote for a buy and its way back")
    if portfolio.native_balance is None:
        return None
    if None in (view.buy_gas_wei, view.sell_gas_wei, view.buy_gas_quote, view.sell_gas_quote):
        return Gate(code="missing_data", line="the gas of a buy and a sale is unknown")
    needed = sum(wei for wei in (view.buy_gas_wei, view.sell_gas_wei) if wei is not None)
    if portfolio.native_balance < needed:
        return Gate(code="no_gas_money", line="the native balance does not cover the gas of a buy and its sale")
    return None


def sure_gate(expected: Forecast, settings: IntelSettings) -> Gate | None:
    if 100.0 * expected.confidence < settings.min_confidence_pct:
        return Gate(
            code="confidence_below_bar",
            line=f"{expected.move_bps:+.0f} bps expected, {expected.confidence:.0%} sure, "
            f"{settings.min_confidence_pct} % needed",
        )
    return None


def hopeless(expected: Forecast, least_cost_bps: float, settings: IntelSettings) -> Gate | None:
    """Whether no size can clear the bar, where a round trip costs ``least_cost_bps`` even before gas and impact."""
    edge = expected.move_bps - least_cost_bps
    bar = _bar_bps(least_cost_bps, settings)
    if edge >= bar:
        return None
    return Gate(
        code="edge_below_bar",
        line=f"{expected.move_bps:+.0f} bps expected less at least {least_cost_bps:.0f} of cost, the bar is {bar:.0f}",
        edge_bps=edge,
        cost_bps=least_cost_bps,
    )


def _within_risk(entry: Entry, width_bps: float, portfolio: PortfolioView, settings: IntelSettings) -> bool:
    most = min(largest_size(settings, portfolio), risk_sized(settings, portfolio, width_bps + entry.cost_bps))
    return max(1, portfolio.min_trade_quote) <= entry.size <= most


def _entry(quote: EntryQuote, trip: RoundTrip, expected: Forecast, settings: IntelSettings) -> Entry:
    cost = trip.total_bps
    return Entry(
        size=quote.amount_in,
        edge_bps=expected.move_bps - cost,
        cost_bps=cost,
        bar_bps=_bar_bps(cost, settings),
    )


def _bar_bps(cost_bps: float, settings: IntelSettings) -> float:
    return max(_LEAST_BAR_BPS, cost_bps * (100 - settings.risk_tolerance) / 200.0)
