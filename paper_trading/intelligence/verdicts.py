"""Why nothing is traded."""

from dataclasses import dataclass

from paper_trading.intelligence.base import Action, Decision, Reading
from paper_trading.intelligence.forecast import Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A closed gate. Codes: ``stale_data``, ``missing_data``, ``market_unsettled``, ``short_history``,
    ``quarantined_pool``, ``cooldown``, ``max_positions``, ``below_min_trade``, ``confidence_below_bar``,
    ``edge_below_bar``, ``too_much_impact``, ``risk_above_limit``, ``no_gas_money``, ``not_worth_gas``, ``holding``.
    """

    code: str
    line: str
    edge_bps: float = 0.0
    cost_bps: float = 0.0


def hold(gate: Gate, readings: tuple[Reading, ...], expected: Forecast) -> Decision:
    """The decision of a closed gate."""
    return Decision(
        action=Action.HOLD,
        code=gate.code,
        reasons=(gate.line, *[reading.reason for reading in readings]),
        edge_bps=gate.edge_bps,
        cost_bps=gate.cost_bps,
        confidence=expected.confidence,
        size=0,
        tolerance_bps=0,
        readings=readings,
    )
