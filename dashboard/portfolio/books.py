"""An account's books as a whole: what it holds, whether it adds up, its chain of receipts, and its resets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from dashboard.parts import Ask
from dashboard.portfolio.subject import Subject
from dex.types import Token
from paper_trading.models import PostingKind
from paper_trading.selectors import owned
from paper_trading.selectors.account_books import added_up, capital_rows, newest_links_problems
from paper_trading.selectors.receipts import last_links
from paper_trading.selectors.rows import Row

MOST_CHECKED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Base units of ``token``: what the newest entry states, and what all entries add up to."""

    token: Token
    stated: int
    summed: int
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The owner paid in, or took out for a reset. ``amounts`` are base units."""

    is_reset: bool
    generation: int
    block_number: int
    at: datetime
    amounts: Sequence[tuple[Token, int]]


def head(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"subject": subject, "line": subject.line, "account": subject.row, "session": subject.session}


def figures(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"line": subject.line}


def balances(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"line": subject.line}


def sums(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Where it is asked for: every entry is read for it."""
    if not _is_asked(ask):
        return {"is_asked": False}
    found = added_up(owned.accounts(subject.user_id).get(pk=subject.pk))
    subject.know(*(one.token for one in found))
    shown = [
        Sum(token=subject.token(one.token), stated=one.stated, summed=one.summed, is_right=one.is_right)
        for one in found
    ]
    return {"is_asked": True, "sums": shown, "is_right": all(one.is_right for one in shown)}


def receipts(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    link = last_links([subject.pk])[subject.pk]
    return {
        "subject": subject,
        "count": link.sequence,
        "hash": link.hash,
        "csv": f"{reverse('paper-receipts')}?account={subject.pk}&format=csv",
    }


def chain(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Where it is asked for: every receipt is hashed again for it."""
    if not _is_asked(ask):
        return {"is_asked": False}
    account = owned.accounts(subject.user_id).get(pk=subject.pk)
    checked, problems = newest_links_problems(account, MOST_CHECKED)
    return {"is_asked": True, "checked": checked, "is_whole": checked < MOST_CHECKED, "problems": problems}


def resets(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Newest first."""
    rows = capital_rows(subject.user_id, subject.pk)
    subject.know(*(row.token for row in rows))
    by_posting: dict[int, list[Row]] = {}
    for row in rows:
        by_posting.setdefault(row.posting_id, []).append(row)
    return {"subject": subject, "events": [_event(subject, found[::-1]) for found in by_posting.values()]}


def _event(subject: Subject, rows: Sequence[Row]) -> Event:
    first = rows[0]
    return Event(
        is_reset=first.posting__kind == PostingKind.RESET,
        generation=first.posting__generation,
        block_number=first.posting__block_number,
        at=first.posting__created_at,
        amounts=[(subject.token(row.token), abs(row.amount)) for row in rows],
    )


def _is_asked(ask: Ask) -> bool:
    return ask.request.GET.get("check") == "1"
