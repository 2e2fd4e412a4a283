"""What all of it is worth, and what became of it today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dashboard.home.subject import Subject
from dashboard.parts import Ask
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.selectors.live import LiveTotals, live_totals
from paper_trading.selectors.today import Change, changes_since
from paper_trading.selectors.token_book import TokenBook

NO_CHANGE = Change()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that counts in one quote token; amounts are its base units, None where nothing is valued yet."""

    quote: Token
    sessions: int
    unvalued: int
    equity: int | None
    result: int | None
    result_bps: int | None
    today: Change


def totals(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """What the live sessions are worth together, and today's result, for each quote token."""
    day = start_of_day(ask.now)
    live = {(one.chain_id, one.quote_token): one for one in live_totals(subject.user_id)}
    today = changes_since(subject.user_id, day)
    keys = sorted(live.keys() | today.keys())
    book = TokenBook().load(keys)
    return {
        "day": day,
        "totals": [_standing(book.token(*key), live.get(key), today.get(key, NO_CHANGE)) for key in keys],
    }


def start_of_day(now: datetime) -> datetime:
    """The day of the books is the UTC one: a block has a time, but no place.

    >>> start_of_day(datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC))
    datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _standing(quote: Token, live: LiveTotals | None, today: Change) -> Standing:
    known = live is not None and live.valued > 0
    equity = live.equity if live is not None and known else None
    result = live.equity - live.start_equity if live is not None and known else None
    return Standing(
        quote=quote,
        sessions=0 if live is None else live.sessions,
        unvalued=0 if live is None else live.sessions - live.valued,
        equity=equity,
        result=result,
        result_bps=bps(result, None if live is None else live.start_equity),
        today=today,
    )
