"""How a session stands: what it is doing, what it is worth, what became of it so far."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.parts import Ask
from dashboard.session.subject import Subject
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import CommandKind, CommandStatus, SessionCommand
from paper_trading.selectors import owned
from paper_trading.selectors.books import books
from paper_trading.selectors.equity import Fall, falls, session_curve
from paper_trading.selectors.hosts import surroundings
from paper_trading.selectors.kept_results import totals_of
from paper_trading.selectors.performance import Period
from paper_trading.selectors.wallets import balances_of
from paper_trading.tokens import NATIVE

STATUS_WORDS = {
    "queued": "waiting for a worker",
    "open": "waiting for a host",
    "running": "running",
    "stopping": "stopping",
    "ended": "ended",
    "halted": "halted",
}


def head(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """What it is and does, and the buttons that fit."""
    around = surroundings([subject.row])
    host = around.hosts.get(subject.row.owner) if subject.is_live else None
    newest = around.heads.get(subject.row.account__chain_key)
    cursor = subject.row.cursor_block
    return {
        "subject": subject,
        "session": subject.row,
        "account": subject.holder,
        "words": STATUS_WORDS["stopping" if subject.is_stopping else subject.row.status],
        "is_waiting": subject.row.status in ("queued", "open") and not subject.is_stopping,
        "host": host,
        "behind": None if newest is None or cursor is None or not subject.is_live else max(0, newest - cursor),
        "exits_all": subject.is_live and bool(_waiting_exits(subject.user_id, subject.pk)),
    }


@compiled
def _waiting_exits(user_id: int, session_id: int) -> QuerySet[SessionCommand, int]:
    waiting = owned.command_rows(user_id).filter(session=session_id, status=CommandStatus.WAITING)
    return waiting.filter(kind=CommandKind.EXIT_ALL).values_list("pk", flat=True)


def figures(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """What it is worth and what it did; sums over all its trades are taken once for each state of the books."""
    row = subject.row
    result = None if row.equity is None or row.start_equity is None else row.equity - row.start_equity
    totals = totals_of(Period(user_id=subject.user_id, session_id=subject.pk), books(subject.user_id))
    held = balances_of([subject.holder.pk], [subject.holder.quote_token, NATIVE])[subject.holder.pk]
    return {
        "subject": subject,
        "session": row,
        "quote": subject.quote,
        "native": subject.native,
        "result": result,
        "result_bps": bps(result, row.start_equity),
        "cash": held[subject.holder.quote_token],
        "gas_money": held[NATIVE],
        "totals": totals,
        "win_bps": bps(totals.wins, totals.round_trips),
        "fall": largest_fall(subject),
    }


def largest_fall(subject: Subject) -> Fall | None:
    """None before there are two points."""
    curve = session_curve(subject.user_id, subject.pk)
    return None if len(curve) < 2 else max(falls(curve), key=lambda fall: fall.bps)
