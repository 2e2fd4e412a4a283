"""What became of a user's money since a moment: of the books what was realised, of the sessions what they are worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from paper_trading.models import LIVE_STATUSES, BotSession, EquityPoint, Position, PositionStatus
from trading.aggregates import ExactSum

Quote = tuple[int, str]
"""Chain id and address of a quote token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Base units of the quote token: ``worth`` is what ``sessions`` gained or lost together, None where none of them
    is valued; ``realised`` is after every cost of ``round_trips``, of which ``wins`` won."""

    worth: int | None = None
    sessions: int = 0
    realised: int = 0
    round_trips: int = 0
    wins: int = 0


class _Session(NamedTuple):
    pk: int
    chain_id: int
    quote_token: str
    created_at: datetime
    start_equity: int | None
    equity: int | None


def changes_since(user_id: int, since: datetime) -> dict[Quote, Change]:
    """By quote token; three queries. A session that began later is measured from its start, one that ended earlier is
    left out."""
    sessions = [_Session._make(row) for row in _sessions(user_id, since)]
    before = dict(_last_points([one.pk for one in sessions if one.created_at < since], since))
    worths: dict[Quote, list[int]] = {}
    for one in sessions:
        start = before.get(one.pk, one.start_equity)
        if one.equity is not None and start is not None:
            worths.setdefault((one.chain_id, one.quote_token), []).append(one.equity - start)
    found = {quote: Change(worth=sum(known), sessions=len(known)) for quote, known in worths.items()}
    for chain_id, quote_token, realised, round_trips, wins in _results(user_id, since):
        known = found.get((chain_id, quote_token), Change())
        found[chain_id, quote_token] = replace(known, realised=realised, round_trips=round_trips, wins=wins)
    return found


def _sessions(user_id: int, since: datetime) -> Iterable[tuple[Any, ...]]:
    running = Q(status__in=LIVE_STATUSES) | Q(ended_at__gte=since)
    columns = ("pk", "account__chain_id", "account__quote_token", "created_at", "start_equity", "equity")
    return BotSession.objects.filter(running, user=user_id).values_list(*columns)


def _results(user_id: int, since: datetime) -> Iterable[tuple[Any, ...]]:
    closed = Position.objects.filter(
        account__user=user_id, status=PositionStatus.CLOSED, closed_at__gte=since, result__isnull=False
    )
    grouped = closed.order_by().values_list("account__chain_id", "account__quote_token")
    won = Count("pk", filter=Q(result__gt=0))
    return grouped.annotate(realised=ExactSum("result"), round_trips=Count("pk"), wins=won)


def _last_points(sessions: Sequence[int], moment: datetime) -> QuerySet[EquityPoint, tuple[int, int]]:
    """What each was last known to be worth before ``moment``."""
    before = EquityPoint.objects.filter(session=OuterRef("pk"), block_time__lt=moment).order_by("-block_time")
    newest = BotSession.objects.filter(pk__in=sessions).values_list(Subquery(before.values("pk")[:1]))
    return EquityPoint.objects.filter(pk__in=newest).values_list("session_id", "equity")
