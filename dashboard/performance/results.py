"""Results in all, by day, by token and by exit reason: added up once, and told again until something is booked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.parts import Ask
from dashboard.performance.subject import Subject
from dex.amounts import short_units
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.selectors.kept_results import by_day, by_exit, by_token, overall
from paper_trading.selectors.performance import Row, Totals
from paper_trading.selectors.token_book import TokenBook

MOST_DAYS = 90
MOST_ROWS = 50
HALF = 100
"""How high a bar may be, above and below the line."""
WIDE, GAP = 10, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one key, in base units of ``quote``. ``factor`` is what was won for each unit that was lost."""

    key: str
    quote: Token
    totals: Totals
    win_bps: int | None
    factor: str
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day; ``x`` to ``height`` are where its bar is in a picture of ``2 * HALF`` units."""

    day: date
    realised: int
    x: int
    y: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    quote: Token
    bars: Sequence[Bar]
    width: int


def totals(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"subject": subject, "lines": _lines(overall(subject.period, subject.books), lambda row, book: "")}


def tokens(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = by_token(subject.period, subject.books)
    lines = _lines(rows, lambda row, book: book.token(row.chain_id, row.key).symbol, keys_are_tokens=True)
    return _cut(subject, lines)


def exits(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = by_exit(subject.period, subject.books)
    return _cut(subject, _lines(rows, lambda row, book: row.key.replace("_", " ") or "none given"))


def days(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = by_day(MOST_DAYS)(subject.period, subject.books)
    book = TokenBook().load({(row.chain_id, row.quote_token) for row in rows})
    groups: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.chain_id, row.quote_token), []).append(row)
    return {"subject": subject, "charts": [_days(book.token(*key), found) for key, found in groups.items()]}


def factor_of(totals: Totals) -> str:
    """
    >>> factor_of(Totals(profit=300, loss=-200)), factor_of(Totals(profit=300))
    ('1.50', '')
    """
    return "" if totals.loss == 0 else short_units(totals.profit * 100 // -totals.loss, 2)


def _cut(subject: Subject, lines: Sequence[Line]) -> Mapping[str, Any]:
    best = sorted(lines, key=lambda line: -line.totals.realised)
    return {"subject": subject, "lines": best[:MOST_ROWS], "left_out": max(0, len(best) - MOST_ROWS)}


def _lines(
    rows: Sequence[Row], name: Callable[[Row, TokenBook], str], *, keys_are_tokens: bool = False
) -> Sequence[Line]:
    wanted = {(row.chain_id, row.quote_token) for row in rows}
    if keys_are_tokens:
        wanted |= {(row.chain_id, row.key) for row in rows}
    book = TokenBook().load(wanted)
    return [_line(row, book.token(row.chain_id, row.quote_token), name(row, book)) for row in rows]


def _line(row: Row, quote: Token, key: str) -> Line:
    known = row.totals
    return Line(
        key=key,
        quote=quote,
        totals=known,
        win_bps=bps(known.wins, known.round_trips),
        factor=factor_of(known),
        cost=known.pool_fees + known.impact + known.drift + known.gas_quote,
    )


def _days(quote: Token, rows: Sequence[Row]) -> Days:
    highest = max((abs(row.totals.realised) for row in rows), default=0) or 1
    return Days(
        quote=quote,
        bars=[_bar(place, row, highest) for place, row in enumerate(rows)],
        width=max(MOST_DAYS // 3, len(rows)) * WIDE,
    )


def _bar(place: int, row: Row, highest: int) -> Bar:
    realised = row.totals.realised
    height = max(1, abs(realised) * HALF // highest)
    return Bar(
        day=row.key,
        realised=realised,
        x=place * WIDE + GAP // 2,
        y=HALF - height if realised >= 0 else HALF,
        height=height,
        kind="good" if realised > 0 else "bad" if realised < 0 else "quiet",
    )
