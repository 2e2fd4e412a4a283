"""The first page: all of a visitor's sessions at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from api.statements import compiled
from dashboard.pages import page
from dashboard.parts import EVERY_BLOCK, Ask, LivePage, Part
from dashboard.session.standing import STATUS_WORDS
from dashboard.visitors import visitor_of
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.feed.envelope import alerts_topic, market_topic, portfolio_topic
from paper_trading.models import LIVE_STATUSES, BotSession, SessionStatus
from paper_trading.selectors import owned
from paper_trading.selectors.live import live_session_rows, live_totals
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.selectors.token_book import TokenBook

MOST_ENDED = 10
CHANGES = ("status", "startup", "warning", "entry_fill", "exit_fill", "reorg", "account")


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


def totals(ask: Ask, _: None) -> Mapping[str, Any]:
    """What the live sessions are worth together, for each quote token."""
    found = live_totals(ask.user_id)
    book = TokenBook().load((one.chain_id, one.quote_token) for one in found)
    return {
        "totals": [
            {
                "quote": book.token(one.chain_id, one.quote_token),
                "sessions": one.sessions,
                "unvalued": one.sessions - one.valued,
                "equity": one.equity if one.valued else None,
                "result": one.equity - one.start_equity if one.valued else None,
                "result_bps": bps(one.equity - one.start_equity, one.start_equity) if one.valued else None,
            }
            for one in found
        ]
    }


def live(ask: Ask, _: None) -> Mapping[str, Any]:
    return {"lines": _lines(list(live_session_rows(ask.user_id)))}


def ended(ask: Ask, _: None) -> Mapping[str, Any]:
    return {"lines": _lines(list(_ended_rows(ask.user_id)))}


def _lines(rows: list[Row]) -> list[Line]:
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


@compiled
def _ended_rows(user_id: int) -> QuerySet[BotSession, Row]:
    over = owned.session_rows(user_id).exclude(status__in=LIVE_STATUSES).filter(archived_at=None)
    return over.order_by("-pk")[:MOST_ENDED]


def topics(ask: Ask, _: None) -> list[str]:
    """The market is that of the newest live session."""
    own = [portfolio_topic(ask.user_id), alerts_topic(ask.user_id)]
    newest = next(iter(live_session_rows(ask.user_id)), None)
    return own if newest is None else [*own, market_topic(newest.chain)]


PAGE: LivePage[None] = LivePage(
    name="home",
    parts=(
        Part(name="totals", read=totals, on=(*CHANGES, *EVERY_BLOCK)),
        Part(name="live", read=live, on=(*CHANGES, *EVERY_BLOCK)),
        Part(name="ended", read=ended, on=("status",)),
    ),
    topics=topics,
)


@page
def home(request: HttpRequest) -> HttpResponse:
    """For those who are not logged in it is the login, without a word about where they came from."""
    visitor = visitor_of(request)
    if visitor is None:
        if "HX-Request" in request.headers:
            return HttpResponse(status=401, headers={"HX-Redirect": reverse("dashboard:login")})
        return HttpResponseRedirect(reverse("dashboard:login"))
    return PAGE.answer(Ask.of(request, visitor), None)
