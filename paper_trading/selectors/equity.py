"""What a session, or an account over all its sessions, was worth from block to block: for curves, never for the books.

A curve has at most ``MOST_POINTS`` points however long it is: the database cuts the blocks into equal stretches and
gives of each the first, the lowest, the highest and the last point, so that no peak and no fall is lost.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import (
    BigIntegerField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
)

from api.statements import compiled
from paper_trading.models import BotSession, EquityPoint
from paper_trading.selectors import owned

STRETCHES = 125
MOST_POINTS = 4 * STRETCHES


class Point(NamedTuple):
    """``equity`` in base units of the quote token."""

    at: datetime
    equity: int


def session_curve(user_id: int, session_id: int, since: datetime | None = None) -> list[Point]:
    """Oldest first; empty for a session that is not the user's."""
    return _curve(owned.sessions(user_id).filter(pk=session_id), since)


def account_curve(user_id: int, account_id: int, since: datetime | None = None) -> list[Point]:
    """One after the other, what the account's sessions were worth."""
    return _curve(owned.sessions(user_id).filter(account=account_id), since)


Mark = tuple[int, int | None]
"""The newest session and the id of its newest point, None for none: changes whenever a curve does."""


def session_mark(user_id: int, session_id: int) -> Mark | None:
    return next(iter(_session_mark(user_id, session_id)), None)


def account_mark(user_id: int, account_id: int) -> Mark | None:
    return next(iter(_account_mark(user_id, account_id)), None)


@compiled
def _session_mark(user_id: int, session_id: int) -> QuerySet[BotSession, Mark]:
    return _marked(owned.sessions(user_id).filter(pk=session_id))


@compiled
def _account_mark(user_id: int, account_id: int) -> QuerySet[BotSession, Mark]:
    return _marked(owned.sessions(user_id).filter(account=account_id))


def _marked(sessions: QuerySet[BotSession]) -> QuerySet[BotSession, Mark]:
    points = EquityPoint.objects.filter(session=OuterRef("pk")).order_by("-block_number").values("pk")
    newest = sessions.select_related(None).order_by("-pk").annotate(newest_point=Subquery(points[:1]))
    return newest.values_list("pk", "newest_point")[:1]


def _curve(sessions: QuerySet[BotSession], since: datetime | None) -> list[Point]:
    points = EquityPoint.objects.filter(session__in=sessions.values("pk"))
    if since is not None:
        points = points.filter(block_time__gte=since)
    ends = points.aggregate(first=Min("block_number"), last=Max("block_number"))
    if ends["first"] is None:
        return []
    return _thinned(points, first=ends["first"], last=ends["last"])


def _thinned(points: QuerySet[EquityPoint], *, first: int, last: int) -> list[Point]:
    """Grouped, not ranked: window functions take seven times as long over 100,000 points."""
    blocks = last - first + 1
    stretch = ExpressionWrapper((F("block_number") - first) * STRETCHES / blocks, output_field=BigIntegerField())
    cut = points.order_by().annotate(stretch=stretch)
    stretches = cut.values_list("stretch").annotate(
        low=Min("equity"), high=Max("equity"), opens=Min("block_number"), closes=Max("block_number")
    )
    extremes: dict[int, tuple[int, int]] = {}
    ends: set[int] = set()
    for place, low, high, opens, closes in stretches:
        extremes[place] = (low, high)
        ends |= {opens, closes}
    worths = {worth for pair in extremes.values() for worth in pair}
    reached = cut.filter(equity__in=worths).values_list("stretch", "equity").annotate(at=Min("block_time"))
    found = [(at, equity) for place, equity, at in reached if equity in extremes[place]]
    found += points.filter(block_number__in=ends).order_by("pk").values_list("block_time", "equity")
    # One point a moment: a session may end in the block in which the account's next one starts.
    kept = dict(found)
    return [Point(at, kept[at]) for at in sorted(kept)]


class Fall(NamedTuple):
    """From a peak, in base units and in basis points of that peak."""

    amount: int
    bps: int


def falls(curve: Sequence[Point]) -> list[Fall]:
    """How far each point is below the highest one before it.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> [fall.bps for fall in falls([Point(at, 100), Point(at, 200), Point(at, 150)])]
    [0, 0, 2500]
    """
    found, peak = [], 0
    for _, equity in curve:
        peak = max(peak, equity)
        amount = peak - equity
        found.append(Fall(amount, amount * 10_000 // peak if peak > 0 else 0))
    return found
