"""A user's live sessions and what they are worth together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, QuerySet, Value, When

from api.statements import compiled
from paper_trading.models import LIVE_STATUSES, BotSession
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row
from trading.aggregates import ExactSum

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTotals:
    """Sums over the sessions that count in one quote token; ``valued`` of them know what they are worth by now, and
    ``equity`` and ``start_equity`` are of those, in base units."""

    chain_id: int
    quote_token: str
    sessions: int
    valued: int
    equity: int
    start_equity: int


def live_sessions(user_id: int) -> QuerySet[BotSession]:
    return owned.sessions(user_id).filter(status__in=LIVE_STATUSES)


@compiled
def live_session_rows(user_id: int) -> QuerySet[BotSession, Row]:
    """The newest ones, as many as are shown at once."""
    return owned.session_rows(user_id).filter(status__in=LIVE_STATUSES).order_by("-pk")[:MOST_SHOWN]


def live_totals(user_id: int) -> list[LiveTotals]:
    """One for each quote token on each chain; one query."""
    counted: Counter[tuple[int, str]] = Counter()
    valued: dict[tuple[int, str], tuple[int, int, int]] = {}
    for chain_id, quote, is_known, count, equity, start in _groups(user_id):
        counted[chain_id, quote] += count
        if is_known:
            valued[chain_id, quote] = (count, equity, start)
    return [_totals(*key, count, *valued.get(key, (0, 0, 0))) for key, count in sorted(counted.items())]


@compiled
def _groups(user_id: int) -> QuerySet[BotSession, tuple[Any, ...]]:
    known = Case(When(equity__isnull=False, start_equity__isnull=False, then=Value(1)), default=Value(0))
    return (
        BotSession.objects.filter(user=user_id, status__in=LIVE_STATUSES)
        .annotate(known=known)
        .order_by()
        .values_list("account__chain_id", "account__quote_token", "known")
        .annotate(count=Count("pk"), equity_sum=ExactSum("equity"), start_sum=ExactSum("start_equity"))
    )


def _totals(chain_id: int, quote: str, sessions: int, valued: int, equity: int, start: int) -> LiveTotals:
    return LiveTotals(
        chain_id=chain_id, quote_token=quote, sessions=sessions, valued=valued, equity=equity, start_equity=start
    )


def live_by_account(account_ids: Iterable[int]) -> dict[int, int]:
    """The live session's id by account id; one query."""
    return dict(_live_of(list(account_ids)))


@compiled
def _live_of(account_ids: list[int]) -> QuerySet[BotSession, tuple[int, int]]:
    live = BotSession.objects.filter(account__in=account_ids, status__in=LIVE_STATUSES)
    return live.values_list("account_id", "pk")
