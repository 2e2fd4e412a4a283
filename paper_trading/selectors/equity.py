"""What a session, or an account over all its sessions, was worth from block to block: for curves, never for the books.

A curve has at most ``MOST_POINTS`` points however long it is, so that no peak and no fall is lost (see ``stretches``).
The whole of a long one takes the database a tenth of a second; so it is kept in the process, and what came since is
read with the last blocks that a reorg may have changed.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, ExpressionWrapper, F, Max, Min, OuterRef, QuerySet, Subquery

from api.statements import compiled
from paper_trading.models import BotSession, EquityPoint
from paper_trading.selectors import owned
from paper_trading.selectors.stretches import MOST_STRETCHES, NOTHING, Place, Thinned, width_of

MOST_POINTS = 4 * MOST_STRETCHES
KEPT = 128
UNSETTLED = 512
"""Blocks that are read again: more than a follower takes back in a reorg."""


class Point(NamedTuple):
    """``equity`` in base units of the quote token."""

    at: datetime
    equity: int


class Mark(NamedTuple):
    """The newest session, and its newest point with its block, None for none: changes whenever a curve does."""

    session: int
    point: int | None
    block: int | None


class _Question(NamedTuple):
    """``pk`` is an account's or a session's, as ``of`` says: the lookup that finds its sessions."""

    user: int
    of: str
    pk: int
    since: datetime | None


class _Known(NamedTuple):
    mark: Mark
    curve: Thinned
    points: Sequence[Point]


_known: OrderedDict[_Question, _Known] = OrderedDict()
_lock = Lock()


def session_curve(user_id: int, session_id: int, since: datetime | None = None) -> Sequence[Point]:
    """Oldest first; empty for a session that is not the user's."""
    return _answer(_Question(user_id, "pk", session_id, since), _session_mark(user_id, session_id))


def account_curve(user_id: int, account_id: int, since: datetime | None = None) -> Sequence[Point]:
    """One after the other, what the account's sessions were worth."""
    return _answer(_Question(user_id, "account", account_id, since), _account_mark(user_id, account_id))


def forget_curves() -> None:
    """The next ones are read whole."""
    with _lock:
        _known.clear()


def _answer(question: _Question, marks: Sequence[Any]) -> Sequence[Point]:
    if not marks:
        return []
    now = Mark._make(marks[0])
    with _lock:
        known = _known.get(question)
    if known is not None and known.mark == now:
        return known.points
    points = _points(question)
    curve = _whole(points) if known is None else _extended(points, known, now)
    answer = [Point(place.at, place.equity) for place in curve.places()]
    with _lock:
        _known[question] = _Known(now, curve, answer)
        _known.move_to_end(question)
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return answer


def _points(question: _Question) -> QuerySet[EquityPoint]:
    sessions = owned.sessions(question.user).filter(**{question.of: question.pk})
    points = EquityPoint.objects.filter(session__in=sessions.values("pk")).order_by()
    return points if question.since is None else points.filter(block_time__gte=question.since)


def _extended(points: QuerySet[EquityPoint], known: _Known, now: Mark) -> Thinned:
    """All points from the stretch on in which a reorg may have changed the newest one, and those of newer sessions,
    whose blocks may be lower where a recording is run again."""
    curve, newer = known.curve, points.filter(session__gt=known.mark.session)
    if known.mark.block is None:
        newer = points.filter(session__gte=known.mark.session)
    else:
        start = curve.since(max(0, known.mark.block - UNSETTLED))
        curve = curve.before(start).with_places(_read(points.filter(block_number__gte=start)))
        newer = newer.filter(block_number__lt=start)
    is_new = now.session != known.mark.session or known.mark.block is None
    return curve.with_places(_read(newer)) if is_new else curve


def _read(points: QuerySet[EquityPoint]) -> list[Place]:
    return [Place._make(row) for row in points.values_list("block_number", "pk", "block_time", "equity")]


def _whole(points: QuerySet[EquityPoint]) -> Thinned:
    """Grouped, not ranked: window functions take seven times as long over 100,000 points."""
    ends = points.aggregate(first=Min("block_number"), last=Max("block_number"))
    if ends["first"] is None:
        return NOTHING
    width = width_of(ends["first"], ends["last"])
    stretch = ExpressionWrapper(F("block_number") / width, output_field=BigIntegerField())
    cut = points.annotate(stretch=stretch)
    extremes: dict[int, tuple[int, int]] = {}
    edges: set[int] = set()
    for number, low, high, opens, closes in cut.values_list("stretch").annotate(
        low=Min("equity"), high=Max("equity"), opens=Min("block_number"), closes=Max("block_number")
    ):
        extremes[number] = (low, high)
        edges |= {opens, closes}
    worths = {worth for pair in extremes.values() for worth in pair}
    reached = cut.filter(equity__in=worths).values_list("stretch", "equity")
    found = [
        Place(block, pk, at, equity)
        for number, equity, block, pk, at in reached.annotate(
            block=Min("block_number"), first_pk=Min("pk"), at=Min("block_time")
        )
        if equity in extremes[number]
    ]
    places = [*found, *_read(points.filter(block_number__in=edges))]
    return Thinned(width, {}).with_places(places)


@compiled
def _session_mark(user_id: int, session_id: int) -> QuerySet[BotSession, Any]:
    return _marked(owned.sessions(user_id).filter(pk=session_id))


@compiled
def _account_mark(user_id: int, account_id: int) -> QuerySet[BotSession, Any]:
    return _marked(owned.sessions(user_id).filter(account=account_id))


def _marked(sessions: QuerySet[BotSession]) -> QuerySet[BotSession, Any]:
    points = EquityPoint.objects.filter(session=OuterRef("pk")).order_by("-block_number")
    newest = sessions.select_related(None).order_by("-pk")
    point, block = Subquery(points.values("pk")[:1]), Subquery(points.values("block_number")[:1])
    marks: QuerySet[Any, Any] = newest.annotate(newest_point=point, newest_block=block)
    return marks.values_list("pk", "newest_point", "newest_block")[:1]


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
