"""Why a token is held or left alone, where that can be said without a quote for the account's own size.

Most thoughts of most sessions end here, by bounds that hold for every size and path: what is said is true, and where
it is a bound it says so. None where only the whole thought can tell. Gates that need no quote come first.
"""

from dex.types import BPS_ONE
from paper_trading.bot.ai_engine import data_gate
from paper_trading.bot.entries import hopeless, least_gate, room_gate
from paper_trading.intelligence.base import Decision, PortfolioView, PositionView
from paper_trading.intelligence.exits import stays
from paper_trading.intelligence.facts import TokenFacts
from paper_trading.intelligence.forecast import Forecast
from paper_trading.intelligence.intel_slider import IntelSettings
from paper_trading.intelligence.verdicts import Gate, hold
from paper_trading.intelligence.view import Health

UNREAD = Forecast(move_bps=0.0, confidence=0.0)


def early_data(facts: TokenFacts, portfolio: PortfolioView, health: Health, *, held: bool) -> Decision | None:
    """For data that must not be traded on."""
    gate = data_gate(
        facts,
        head_age=health.head_age_seconds,
        max_head_age=health.max_head_age_seconds,
        settled=health.settled,
        charged=portfolio.native_balance is not None,
        held=held,
    )
    return None if gate is None else hold(gate, (), UNREAD)


def early_entry(facts: TokenFacts, portfolio: PortfolioView, settings: IntelSettings) -> Decision | None:
    """For a token that is not held: no room, no money, not sure enough, or too dear at any size."""
    gate = room_gate(facts, portfolio, settings) or least_gate(portfolio, settings)
    if gate is not None:
        return hold(gate, *facts.expected(settings.signals))
    try:
        return facts.holds[settings]
    except KeyError:
        return facts.holds.setdefault(settings, _same_for_all(facts, settings))


def early_stay(
    facts: TokenFacts, position: PositionView, worth: int, settings: IntelSettings, *, peak_worth: int, gas: int
) -> Decision | None:
    """For a position whose sale brings ``worth``, exactly, less ``gas``; both in quote units."""
    if not stays(facts, position, worth, settings, peak_worth=peak_worth, gas=gas):
        return None
    line = f"worth {BPS_ONE * (worth - position.cost) / position.cost:+.0f} bps against its cost"
    return hold(Gate(code="holding", line=line), *facts.expected(settings.signals))


def _same_for_all(facts: TokenFacts, settings: IntelSettings) -> Decision | None:
    """Not sure enough, or too dear, whatever the account."""
    readings, most = facts.expected(settings.signals)
    if 100.0 * most.confidence < settings.min_confidence_pct:
        line = (
            f"{most.move_bps:+.0f} bps expected, at most {most.confidence:.0%} sure, "
            f"{settings.min_confidence_pct} % needed"
        )
        return hold(Gate(code="confidence_below_bar", line=line), readings, most)
    dear = hopeless(most, facts.least_cost_bps, settings)
    return None if dear is None else hold(dear, readings, most)
