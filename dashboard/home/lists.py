"""The visitor's sessions and the newest trades of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dashboard.home.subject import Subject
from dashboard.parts import Ask
from dashboard.session.standing import STATUS_WORDS
from dashboard.session.thoughts import cursor
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import LIVE_STATUSES, BotSession, SessionStatus, TradeSide
from paper_trading.selectors import owned
from paper_trading.selectors.newest_trades import newest_trades
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.selectors.token_book import TokenBook

MOST_ENDED = 10
MOST_TRADES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A session in a list; amounts are base units of ``quote``."""

    row: Row
    account: str
    quote: Token
    words: str
    result: int | None

    @property
    def result_bps(self) -> int | None:
        return bps(self.result, self.row.start_equity)

    @property
    def needs_attention(self) -> bool:
        return self.row.status == SessionStatus.HALTED or (self.row.status in LIVE_STATUSES and self.row.failures > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A trade in a list."""

    row: Row
    account: str
    token: Token
    token_in: Token
    token_out: Token
    at: datetime


def live(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"lines": _lines(subject.live)}


def ended(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """The newest ones, or those before one of them."""
    before, archived = cursor(ask.request.GET.get("ended_before", "")), ask.request.GET.get("archived") == "1"
    rows = list(_ended_rows(subject.user_id, before, archived=archived)[: MOST_ENDED + 1])
    older = rows[MOST_ENDED - 1].id if len(rows) > MOST_ENDED else None
    return {"lines": _lines(rows[:MOST_ENDED]), "before": before, "older": older, "archived": archived}


def trades(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = newest_trades(subject.user_id, MOST_TRADES)
    book = TokenBook().load((holder_of(row).chain_id, token) for row in rows for token in (row.token_in, row.token_out))
    return {"deals": [_deal(row, book) for row in rows], "runs": bool(subject.live)}


def _lines(rows: Sequence[Row]) -> list[Line]:
    holders = [holder_of(row) for row in rows]
    book = TokenBook().load((holder.chain_id, holder.quote_token) for holder in holders)
    return [
        Line(
            row=row,
            account=holder.name,
            quote=book.token(holder.chain_id, holder.quote_token),
            words=STATUS_WORDS[row.status],
            result=None if row.equity is None or row.start_equity is None else row.equity - row.start_equity,
        )
        for row, holder in zip(rows, holders, strict=True)
    ]


def _deal(row: Row, book: TokenBook) -> Deal:
    holder = holder_of(row)
    token_in, token_out = (book.token(holder.chain_id, token) for token in (row.token_in, row.token_out))
    return Deal(
        row=row,
        account=holder.name,
        token=token_out if row.side == TradeSide.BUY else token_in,
        token_in=token_in,
        token_out=token_out,
        at=row.created_at if row.block_time is None else row.block_time,
    )


def _ended_rows(user_id: int, before: int | None, *, archived: bool) -> QuerySet[BotSession, Row]:
    over = owned.session_rows(user_id).exclude(status__in=LIVE_STATUSES)
    if not archived:
        over = over.filter(archived_at=None)
    return (over if before is None else over.filter(pk__lt=before)).order_by("-pk")
