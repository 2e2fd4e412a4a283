"""Why a trade was made, and what exactly was ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.parts import Ask
from dashboard.session.thoughts import Signal, signal_of
from dashboard.trade.subject import Subject
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import Decision
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """``fee_bps`` is what the pool keeps, cut to whole basis points."""

    pool: str
    protocol: str
    token_in: Token
    token_out: Token
    fee_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    block_number: int
    action: str
    code: str
    edge_bps: int
    confidence_pct: int
    reasons: Sequence[str]
    signals: Sequence[Signal]


def decision(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = [] if subject.row.decision_id is None else _decision(subject.user_id, subject.row.decision_id)
    return {
        "subject": subject,
        "thought": _thought(rows[0]) if rows else None,
        "reason": subject.row.exit_reason.replace("_", " "),
    }


def plan(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    row, ordered = subject.row, subject.row.plan
    return {
        "subject": subject,
        "trade": row,
        "amount_in": int(ordered["amount_in"]),
        "tolerance_bps": bps(row.quoted_out - row.minimum_out, row.quoted_out),
        "deadline": datetime.fromtimestamp(row.deadline, tz=UTC),
        "router": ordered["router"],
        "max_fee": int(ordered["max_fee_per_gas"]),
        "max_tip": int(ordered["max_priority_fee_per_gas"]),
        "decided_hash": ordered["decided_at"]["hash"],
        "hops": [_hop(hop, subject) for hop in ordered["path"]],
    }


def _thought(row: Row) -> Thought:
    return Thought(
        block_number=row.block_number,
        action=row.action,
        code=row.code.replace("_", " "),
        edge_bps=row.edge_bps,
        confidence_pct=row.confidence_pct,
        reasons=row.reasons,
        signals=[signal_of(reading) for reading in row.readings],
    )


def _hop(hop: Mapping[str, Any], subject: Subject) -> Hop:
    return Hop(
        pool=hop["pool"],
        protocol=hop["protocol"],
        token_in=subject.token(hop["token_in"]),
        token_out=subject.token(hop["token_out"]),
        fee_bps=int(hop["fee_pips"]) // 100,
    )


@compiled
def _decision(user_id: int, decision_id: int) -> QuerySet[Decision, Row]:
    return owned.whole_decision_rows(user_id).filter(pk=decision_id)
