"""What a session, or an account over all its sessions, was worth from block to block: for curves, never for the books.

A curve has at most ``MOST_POINTS`` points however long it is, so that no peak and no fall is lost (see ``stretches``).
The whole of a long one takes a while to read; so it is kept in the process, and what came since is read with the last
blocks that a reorg may have changed.

A session counts the gas that it paid itself. An account's curve takes off what its earlier sessions paid, too, and
begins with its last reset, so that it ends where ``account_worths`` says.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from threading import Lock
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from api.statements import compiled
from paper_trading.models import BotSession, EquityPoint
from paper_trading.selectors import owned
from paper_trading.selectors.account_worths import since_reset
from paper_trading.selectors.stretches import MOST_STRETCHES, NOTHING, Place, Stretch, Thinned

MOST_POINTS = len(Stretch._fields) * MOST_STRETCHES
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
    paid: "Paid"
    curve: Thinned
    points: Sequence[Point]


Paid = Mapping[int, int]
"""Of each session that counts: the gas that earlier ones of its account paid, quote units."""

_known: OrderedDict[_Question, _Known] = OrderedDict()
_lock = Lock()


def session_curve(user_id: int, session_id: int, since: datetime | None = None) -> Sequence[Point]:
    """Oldest first; empty for a session that is not the user's."""
    return _answer(_Question(user_id, "pk", session_id, since), _session_mark(user_id, session_id), {session_id: 0})


def account_curve(user_id: int, account_id: int, since: datetime | None = None) -> Sequence[Point]:
    """One after the other, what the account's sessions since its last reset were worth."""
    rows = list(_sessions_since_reset(user_id, account_id))
    earlier = accumulate((gas for _, gas in rows), initial=0)
    paid = {pk: before for (pk, _), before in zip(rows, earlier, strict=False)}
    return _answer(_Question(user_id, "account", account_id, since), _account_mark(user_id, account_id), paid)


def forget_curves() -> None:
    """The next ones are read whole."""
    with _lock:
        _known.clear()


def _answer(question: _Question, marks: Sequence[Any], paid: Paid) -> Sequence[Point]:
    if not marks or not paid:
        return []
    now = Mark._make(marks[0])
    with _lock:
        known = _known.get(question)
    if known is not None and known.mark == now and known.paid == paid:
        return known.points
    points = _points(question, paid)
    # After a reset, or a fill of an earlier session that was taken back, nothing of it holds any more.
    if known is None or any(paid.get(session) != gas for session, gas in known.paid.items()):
        curve = NOTHING.with_places(_read(points, paid))
    else:
        curve = _extended(points, known, now, paid)
    answer = [Point(place.at, place.equity) for place in curve.places()]
    with _lock:
        _known[question] = _Known(now, paid, curve, answer)
        _known.move_to_end(question)
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return answer


def _points(question: _Question, paid: Paid) -> QuerySet[EquityPoint]:
    sessions = owned.sessions(question.user).filter(**{question.of: question.pk}, pk__gte=min(paid))
    points = EquityPoint.objects.filter(session__in=sessions.values("pk")).order_by()
    return points if question.since is None else points.filter(block_time__gte=question.since)


def _extended(points: QuerySet[EquityPoint], known: _Known, now: Mark, paid: Paid) -> Thinned:
    """All points from the stretch on in which a reorg may have changed the newest one, and those of newer sessions,
    whose blocks may be lower where a recording is run again."""
    curve, newer = known.curve, points.filter(session__gt=known.mark.session)
    if known.mark.block is None:
        newer = points.filter(session__gte=known.mark.session)
    else:
        start = curve.since(max(0, known.mark.block - UNSETTLED))
        curve = curve.before(start).with_places(_read(points.filter(block_number__gte=start), paid))
        newer = newer.filter(block_number__lt=start)
    is_new = now.session != known.mark.session or known.mark.block is None
    return curve.with_places(_read(newer, paid)) if is_new else curve


def _read(points: QuerySet[EquityPoint], paid: Paid) -> Iterator[Place]:
    for block, pk, at, equity, session in points.values_list(
        "block_number", "pk", "block_time", "equity", "session_id"
    ):
        yield Place(block, pk, at, equity - paid.get(session, 0))


@compiled
def _session_mark(user_id: int, session_id: int) -> QuerySet[BotSession, Any]:
    return _marked(owned.sessions(user_id).filter(pk=session_id))


@compiled
def _account_mark(user_id: int, account_id: int) -> QuerySet[BotSession, Any]:
    return _marked(owned.sessions(user_id).filter(account=account_id))


@compiled
def _sessions_since_reset(user_id: int, account_id: int) -> QuerySet[BotSession, tuple[int, int]]:
    """With the gas that they paid; the oldest first."""
    rows = since_reset(owned.sessions(user_id).filter(account=account_id)).select_related(None)
    return rows.order_by("pk").values_list("pk", "gas_quote")


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
