"""What was had, block by block, and how far below its peak that was."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from api.amounts import plain_text
from api.statements import compiled
from dashboard.parts import Ask
from dashboard.performance.results import factor_of
from dashboard.performance.subject import FEWEST_COMPARED, Subject
from dashboard.subjects import session_name
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import FillReceipt
from paper_trading.selectors import owned
from paper_trading.selectors.equity import Fall, Point, account_curve, falls, session_curve
from paper_trading.selectors.kept_results import totals_of
from paper_trading.selectors.performance import Period, Totals
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.selectors.token_book import TokenBook

MOST_CURVES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """``points`` are oldest first and never empty; ``fall`` is the deepest, and ``below`` all of them."""

    pk: int
    name: str
    quote: Token
    points: Sequence[Point]
    below: Sequence[Fall]

    @property
    def start(self) -> int:
        return self.points[0].equity

    @property
    def end(self) -> int:
        return self.points[-1].equity

    @property
    def result(self) -> int:
        return self.end - self.start

    @property
    def result_bps(self) -> int | None:
        return bps(self.result, self.start)

    @property
    def fall(self) -> Fall:
        return max(self.below, key=lambda fall: fall.bps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A session beside others. ``curve`` is None where it has no points."""

    session: Row
    name: str
    quote: Token
    curve: Curve | None
    totals: Totals
    win_bps: int | None
    factor: str
    cost: int

    @property
    def result_bps(self) -> int | None:
        return None if self.curve is None else self.curve.result_bps

    @property
    def fall_bps(self) -> int | None:
        return None if self.curve is None else self.curve.fall.bps


def curve(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Of the session or the account that is asked for, else of the newest accounts beside each other."""
    if subject.session is not None:
        found = [_of_session(subject, subject.session)]
    elif subject.account is not None:
        found = [_of_account(subject, subject.account)]
    else:
        found = [_of_account(subject, row) for row in subject.accounts[:MOST_CURVES]]
    drawn = [one for one in found if one is not None]
    return {
        "subject": subject,
        "curves": drawn,
        "json": as_json(drawn, relative=len(drawn) > 1),
        "relative": len(drawn) > 1,
        **_card(subject),
    }


def compare(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = [row for pk in subject.compared if (row := subject.session_of(pk)) is not None]
    if len(rows) < FEWEST_COMPARED:
        return {"subject": subject, "compared": [], "json": "[]"}
    compared = [_compared(subject, row) for row in rows]
    drawn = [one.curve for one in compared if one.curve is not None]
    return {"subject": subject, "compared": compared, "json": as_json(drawn, relative=True)}


def as_json(curves: Sequence[Curve], *, relative: bool) -> str:
    """What ``js/charts/line.js`` draws: time in seconds, worth as text (in percent of the start where ``relative``),
    and basis points below the peak."""
    return json.dumps(
        [
            {
                "name": curve.name,
                "unit": "%" if relative else curve.quote.symbol,
                "points": [
                    [int(point.at.timestamp()), _worth(point.equity, curve, relative=relative), below.bps]
                    for point, below in zip(curve.points, curve.below, strict=True)
                ],
            }
            for curve in curves
        ],
        separators=(",", ":"),
    )


def _worth(equity: int, curve: Curve, *, relative: bool) -> str:
    if not relative:
        return plain_text(equity, curve.quote.decimals)
    return plain_text(bps(equity - curve.start, curve.start) or 0, 2)


def _of_session(subject: Subject, row: Row) -> Curve | None:
    points = session_curve(subject.user_id, row.id, subject.period.since)
    return _curve(row.id, session_name(row), _quote(row), points)


def _of_account(subject: Subject, row: Row) -> Curve | None:
    points = account_curve(subject.user_id, row.pk, subject.period.since)
    return _curve(row.pk, row.name, _quote(row), points)


def _curve(pk: int, name: str, quote: Token, points: Sequence[Point]) -> Curve | None:
    if not points:
        return None
    return Curve(pk=pk, name=name, quote=quote, points=points, below=falls(points))


def _quote(row: Row) -> Token:
    holder = holder_of(row)
    key = (holder.chain_id, holder.quote_token)
    return TokenBook().load([key]).token(*key)


def _compared(subject: Subject, row: Row) -> Compared:
    period = Period(user_id=subject.user_id, session_id=row.id, since=subject.period.since)
    known = totals_of(period, subject.books)
    return Compared(
        session=row,
        name=session_name(row),
        quote=_quote(row),
        curve=_of_session(subject, row),
        totals=known,
        win_bps=bps(known.wins, known.round_trips),
        factor=factor_of(known),
        cost=known.pool_fees + known.impact + known.drift + known.gas_quote,
    )


def _card(subject: Subject) -> dict[str, Any]:
    """What the picture of the chosen session's result says."""
    row = subject.session
    if row is None or row.equity is None or row.start_equity is None:
        return {"card": False}
    newest = _newest_hash(subject.user_id, holder_of(row).pk)
    result = row.equity - row.start_equity
    return {
        "card": bool(newest),
        "session": row,
        "session_name": session_name(row),
        "quote": _quote(row),
        "session_result": result,
        "session_bps": bps(result, row.start_equity),
        "level": row.intel_level,
        "hash": newest[0] if newest else "",
    }


@compiled
def _newest_hash(user_id: int, account_id: int) -> QuerySet[FillReceipt, str]:
    rows = owned.receipt_rows(user_id).filter(account=account_id).order_by("-sequence")
    return rows.values_list("hash", flat=True)[:1]
