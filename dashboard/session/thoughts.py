"""What a session decided, and why, so that it can be read.

A decision that was made stays as it is but for how often it was repeated and what was traded on it: each is written
once and kept. Twenty of them with all their signals are much to send with every block, so these are had by ``why`` when
a reader opens one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.safestring import SafeString

from api.parameters import MOST_NUMBER
from dashboard.lines import line
from dashboard.parts import Ask
from dashboard.session.subject import Subject
from dex.types import Token
from paper_trading.api_views.levels import SIGNAL_WORDS
from paper_trading.models import Decision
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row

MOST_SHOWN = 20
KEPT = 2_000
LONGEST = 42


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A reading. ``start`` and ``width`` are those of its bar from -1 to 1, ``kind`` its colour."""

    name: str
    meaning: str
    score: str
    confidence_pct: int
    start: str
    width: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    pk: int
    token: Token
    block_number: int
    last_block: int
    repeats: int
    created_at: datetime
    action: str
    why: str
    edge_bps: int
    confidence_pct: int
    reason: str
    trades: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a decision's line on the page depends on; ``row`` has the rest of it."""

    pk: int
    last_block: int
    repeats: int
    token: Token
    trades: tuple[int, ...]
    row: Row = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the address asks for; what makes no sense asks for nothing."""

    token: str
    only_trades: bool
    before: int | None

    @classmethod
    def of(cls, ask: Ask) -> "Wanted":
        query = ask.request.GET
        return cls(
            token=query.get("token", "")[:LONGEST],
            only_trades=query.get("trades") == "1",
            before=cursor(query.get("decisions_before", "")),
        )


def cursor(text: str) -> int | None:
    """The id that a page of a list ends before."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(MOST_NUMBER)):
        return None
    return min(int(text), MOST_NUMBER)


def decisions(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """The newest ones, or those before one of them."""
    wanted = Wanted.of(ask)
    rows = list(_wanted(subject, wanted)[: MOST_SHOWN + 1])
    shown = rows[:MOST_SHOWN]
    subject.know(*(row.token for row in shown))
    trades = _trades_of(subject.user_id, [row.id for row in shown])
    return {
        "subject": subject,
        "thoughts": [line_of(_written(row, subject, trades.get(row.id, ()))) for row in shown],
        "wanted": wanted,
        "older": shown[-1].id if len(rows) > MOST_SHOWN else None,
    }


def _wanted(subject: Subject, wanted: Wanted) -> QuerySet[Decision, Row]:
    rows = owned.decision_rows(subject.user_id).filter(session=subject.pk)
    if wanted.token:
        rows = rows.filter(token=wanted.token)
    if wanted.before is not None:
        rows = rows.filter(pk__lt=wanted.before)
    if wanted.only_trades:
        # Few decisions trade: they are found by the trades instead of by reading all the others.
        traded = owned.trades(subject.user_id).filter(session=subject.pk, decision__isnull=False)
        if wanted.before is not None:
            traded = traded.filter(decision__lt=wanted.before)
        if wanted.token:
            traded = traded.filter(decision__token=wanted.token)
        newest = traded.order_by("-decision").values_list("decision", flat=True)[: 2 * MOST_SHOWN]
        rows = rows.filter(pk__in=list(newest))
    return rows.order_by("-pk")


def _trades_of(user_id: int, decisions: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = owned.trades(user_id).filter(decision__in=decisions).order_by("pk")
    for decision, trade in rows.values_list("decision", "pk"):
        if decision is not None:
            found.setdefault(decision, []).append(trade)
    return found


def _written(row: Row, subject: Subject, trades: Sequence[int]) -> Written:
    return Written(
        pk=row.id,
        last_block=row.last_block,
        repeats=row.repeats,
        token=subject.token(row.token),
        trades=tuple(trades),
        row=row,
    )


@lru_cache(maxsize=KEPT)
def line_of(one: Written) -> SafeString:
    return line("session/decision.html", one=_thought(one))


def _thought(one: Written) -> Thought:
    row = one.row
    return Thought(
        pk=row.id,
        token=one.token,
        block_number=row.block_number,
        last_block=row.last_block,
        repeats=row.repeats,
        created_at=row.created_at,
        action=row.action,
        why=row.code.replace("_", " "),
        edge_bps=row.edge_bps,
        confidence_pct=row.confidence_pct,
        reason=row.reasons[0] if row.reasons else "",
        trades=one.trades,
    )


def why(user_id: int, decision_id: int) -> Mapping[str, Any]:
    """Its other reasons, and what every signal read. Raises ``Http404`` for what is not there, or not the user's."""
    rows = owned.whole_decision_rows(user_id).filter(pk=decision_id)
    row = rows.first() if decision_id <= MOST_NUMBER else None
    if row is None:
        raise Http404(f"you have no decision {decision_id}")
    return {"reasons": row.reasons[1:], "signals": [signal_of(reading) for reading in row.readings]}


def signal_of(reading: Mapping[str, Any]) -> Signal:
    name, score = str(reading["signal"]), max(-1.0, min(1.0, float(reading["score"])))
    return Signal(
        name=name.replace("_", " "),
        meaning=SIGNAL_WORDS.get(name, ""),
        score=f"{score:+.2f}",
        confidence_pct=round(100 * float(reading["confidence"])),
        start=f"{min(0.0, score):.3f}",
        width=f"{abs(score):.3f}",
        kind="good" if score > 0 else "bad" if score < 0 else "",
        reason=str(reading.get("reason", "")),
    )
