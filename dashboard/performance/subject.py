"""What the page of results is asked to show: a period, of one account or session or of all, and what to compare."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from django.http import Http404

from api.statements import compiled
from dashboard.parts import Ask
from dashboard.session.thoughts import cursor
from paper_trading.models import BotSession, PaperAccount
from paper_trading.selectors import owned
from paper_trading.selectors.books import Books, books
from paper_trading.selectors.performance import Period
from paper_trading.selectors.rows import Row

PERIODS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days", "all": "all time"}
DAYS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
MOST_OFFERED = 50
MOST_COMPARED = 4
FEWEST_COMPARED = 2
Finder = Callable[[int, int], list[Row]]
"""A row by the user's id and its own; empty where it is not theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """``books`` is what all results follow from. ``accounts`` and ``sessions`` are rows of ``rows``: those that are
    offered, newest first, and those that are asked for."""

    user_id: int
    chosen: str
    period: Period
    compared: tuple[int, ...]
    books: Books
    accounts: list[Row]
    sessions: list[Row]

    @property
    def account(self) -> Row | None:
        return next((row for row in self.accounts if row.pk == self.period.account_id), None)

    @property
    def session(self) -> Row | None:
        return self.session_of(self.period.session_id)

    def session_of(self, pk: int | None) -> Row | None:
        return next((row for row in self.sessions if row.id == pk), None)


def subject_of(ask: Ask) -> Subject:
    """Raises ``Http404`` where the address asks for an account or a session that is not the visitor's."""
    query, user_id = ask.request.GET, ask.user_id
    chosen = query.get("period", "all")
    chosen = chosen if chosen in PERIODS else "all"
    account, session = cursor(query.get("account", "")), cursor(query.get("session", ""))
    asked = [found for text in query.getlist("compare") if (found := cursor(text)) is not None]
    compared = tuple(dict.fromkeys(asked))[:MOST_COMPARED]
    accounts = _with(_accounts(user_id), [account], _one_account, user_id, "pk")
    sessions = _with(_sessions(user_id), [session, *compared], _one_session, user_id, "id")
    return Subject(
        user_id=user_id,
        chosen=chosen,
        period=Period(user_id=user_id, account_id=account, session_id=session, since=since_of(chosen, ask.now)),
        compared=compared,
        books=books(user_id),
        accounts=accounts,
        sessions=sessions,
    )


def since_of(chosen: str, now: datetime) -> datetime | None:
    """Cut to the hour or the day, so that the same question is asked for a while and its answer can be kept."""
    if chosen not in DAYS:
        return None
    utc = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return (utc if chosen == "24h" else utc.replace(hour=0)) - timedelta(days=DAYS[chosen])


def _with(rows: list[Row], wanted: list[int | None], find: Finder, user_id: int, key: str) -> list[Row]:
    """``rows`` and those of ``wanted`` that are older than they are."""
    known = {getattr(row, key) for row in rows}
    found = list(rows)
    for pk in wanted:
        if pk is None or pk in known:
            continue
        one = find(user_id, pk)
        if not one:
            raise Http404(f"you have nothing with the number {pk}")
        known.add(pk)
        found += one
    return found


@compiled
def _accounts(user_id: int) -> QuerySet[PaperAccount, Row]:
    return owned.account_rows(user_id).order_by("-pk")[:MOST_OFFERED]


@compiled
def _one_account(user_id: int, pk: int) -> QuerySet[PaperAccount, Row]:
    return owned.account_rows(user_id).filter(pk=pk)


@compiled
def _sessions(user_id: int) -> QuerySet[BotSession, Row]:
    return owned.session_rows(user_id).order_by("-pk")[:MOST_OFFERED]


@compiled
def _one_session(user_id: int, pk: int) -> QuerySet[BotSession, Row]:
    return owned.session_rows(user_id).filter(pk=pk)
