"""When to leave a position. What it is worth is what selling all of it now would bring, never a mid price."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from dex.types import BPS_ONE
from paper_trading.intelligence.base import MarketView, PositionView, TokenView
from paper_trading.intelligence.estimators import clamp
from paper_trading.intelligence.facts import TokenFacts
from paper_trading.intelligence.forecast import Forecast
from paper_trading.intelligence.intel_slider import IntelSettings

_NOISE_STEPS = 48.0  # a stop stands outside of what chance alone does in so many prices
_NOISES = 1.5
_NARROWEST_BPS = 40.0
_WIDEST_BPS = 800.0
_LEAST_PRICES = 24
_UNKNOWN_BPS = 200.0
_TAKE = 3.0  # times the stop's width
_TRAIL = 0.6
_PATIENCE = 60.0  # prices after which a position has to have a reason to stay
_LONGEST = 240.0
_EXIT_BAR_BPS = 5.0


class ExitReason(StrEnum):
    STOP_LOSS = "stop_loss"
    TRAILING_STOP = "trailing_stop"
    TAKE_PROFIT = "take_profit"
    TIME = "time"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    reason: ExitReason
    line: str


def stop_width_bps(view: TokenView, settings: IntelSettings) -> float:
    """``stop_width`` for what the view shows."""
    return stop_width(prices=len(view.prices.logs), noise_bps=view.noise_bps, settings=settings)


def stop_width(*, prices: int, noise_bps: float, settings: IntelSettings) -> float:
    """How far a position may fall beyond what its own trading costs, in bps: 1.5 times the noise of 48 prices.

    Kept within 40 to 800 bps, then scaled by risk tolerance: 0.7 times at 20, 1.5 times at 100. With fewer than 24
    prices, just after a restart, the noise is not known and 200 bps stand in for it.
    """
    noise = _NOISES * noise_bps * sqrt(_NOISE_STEPS) if prices >= _LEAST_PRICES else _UNKNOWN_BPS
    return clamp(noise, _NARROWEST_BPS, _WIDEST_BPS) * (0.5 + settings.risk_tolerance / 100.0)


def exit_for(
    view: TokenView, position: PositionView, exit_worth: int, expected: Forecast, settings: IntelSettings
) -> Exit | None:
    """The first of stop loss, take profit, trailing stop, signal and time that asks to sell, or None.

    ``exit_worth`` is the exact quote for the whole position; gas of the sale comes off it where it is known.
    """
    width = stop_width_bps(view, settings)
    gas = 0 if view.sell_gas_quote is None else view.sell_gas_quote
    now = _result_bps(position, exit_worth, gas)
    peak = max(now, _result_bps(position, position.peak_worth, gas))
    return (
        _by_worth(now, peak, width, 2.0 * view.path_fee_bps)
        or _by_signal(expected, settings)
        or _by_time(view, position, expected, settings)
    )


def stays(
    facts: TokenFacts, position: PositionView, exit_worth: int, settings: IntelSettings, *, peak_worth: int, gas: int
) -> bool:
    """Whether ``exit_for`` says None whatever the account's own quotes do to the forecast's confidence and its fees.

    ``peak_worth`` is the best exit worth so far, ``gas`` that of a sale in quote units, 0 where it is not known.
    """
    _, most = facts.expected(settings.signals)
    least = Forecast(move_bps=most.move_bps, confidence=0.0)
    width = stop_width(prices=len(facts.prices.logs), noise_bps=facts.noise_bps, settings=settings)
    now = _result_bps(position, exit_worth, gas)
    peak = max(now, _result_bps(position, peak_worth, gas))
    return (
        _by_worth(now, peak, width, 2.0 * facts.least_fee_bps) is None
        and _by_signal(most, settings) is None
        and _by_time(facts, position, least, settings) is None
    )


def _result_bps(position: PositionView, worth: int, gas: int) -> float:
    return BPS_ONE * (worth - gas - position.cost) / position.cost


def _by_worth(now: float, peak: float, width: float, fees: float) -> Exit | None:
    if now <= -(width + fees):
        return Exit(reason=ExitReason.STOP_LOSS, line=f"worth {now:+.0f} bps of its cost, stop at {-width - fees:.0f}")
    if now >= _TAKE * width:
        return Exit(reason=ExitReason.TAKE_PROFIT, line=f"worth {now:+.0f} bps over its cost, goal {_TAKE * width:.0f}")
    if peak > 0.0 and peak - now >= _TRAIL * width:
        return Exit(reason=ExitReason.TRAILING_STOP, line=f"{peak - now:.0f} bps under its best of {peak:+.0f} bps")
    return None


def _by_signal(expected: Forecast, settings: IntelSettings) -> Exit | None:
    if expected.move_bps <= -_EXIT_BAR_BPS and 100.0 * expected.confidence >= settings.min_confidence_pct:
        return Exit(
            reason=ExitReason.SIGNAL,
            line=f"{expected.move_bps:+.0f} bps expected with {expected.confidence:.0%} confidence",
        )
    return None


def _by_time(view: MarketView, position: PositionView, expected: Forecast, settings: IntelSettings) -> Exit | None:
    if len(view.prices.times) < _LEAST_PRICES:
        return None  # the pace of the clock is not known yet
    age = (view.head.timestamp - position.opened_time) / view.prices.spacing
    hopeful = expected.move_bps > 0.0 and 100.0 * expected.confidence >= settings.min_confidence_pct
    if age >= _LONGEST or (age >= _PATIENCE and not hopeful):
        return Exit(reason=ExitReason.TIME, line=f"held for {age:.0f} price steps and nothing more is expected")
    return None
