"""A trade's receipt in words, with its own numbers."""

from collections.abc import Mapping
from typing import Any

from dashboard.parts import Ask
from dashboard.trade.outcome import standing_fill
from dashboard.trade.subject import Subject
from paper_trading.api_views.shapes.parts import bps

SHORT = 12


def reading(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Of the receipt that stands; ``fill`` is None where nothing is booked. Amounts are base units, ``price`` and
    ``max_fee`` wei per gas."""
    row, fill = subject.row, standing_fill(subject)
    if fill is None:
        return {"fill": None}
    return {
        "subject": subject,
        "trade": row,
        "fill": fill,
        "ordered": int(row.plan["amount_in"]),
        "tolerance_bps": bps(row.quoted_out - fill.minimum_out, row.quoted_out),
        "max_fee": int(row.plan["max_fee_per_gas"]),
        "waited": fill.block_number - fill.decision_block,
        "price": None if fill.base_fee is None else fill.base_fee + fill.tip,
        "short_hash": f"{fill.hash[:SHORT]}…",
    }
