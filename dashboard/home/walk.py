"""A newcomer's first look: what runs, what its level means, where its decisions are, and its first trade."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.home.subject import Subject
from dashboard.parts import Ask
from dashboard.subjects import session_name
from dex.types import Token
from paper_trading.api_views.levels import LEVEL_WORDS
from paper_trading.models import BOOKED_STATUSES, BotSession, Decision, PaperTrade, TradeSide
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.selectors.token_book import TokenBook


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """A session's first trade that a block took; ``block`` is that block."""

    pk: int
    side: str
    was_filled: bool
    block: int
    traded: Token
    token_in: Token
    token_out: Token
    amount_in: int
    amount_out: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """The newest decision, in words."""

    token: Token
    block: int
    action: str
    why: str
    reason: str


def walk(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Of the newest session that runs, else of the newest one; nothing where there never was one."""
    rows = subject.live[:1] or _newest_session(subject.user_id)
    if not rows:
        return {"session": None}
    row, user_id = rows[0], subject.user_id
    holder = holder_of(row)
    trades, decisions = _first_trade(user_id, row.id), _newest_decision(user_id, row.id)
    tokens = [one for trade in trades for one in (trade.token_in, trade.token_out)] + [one.token for one in decisions]
    book = TokenBook().load((holder.chain_id, token) for token in (holder.quote_token, *tokens))
    return {
        "session": row,
        "name": session_name(row),
        "runs": bool(subject.live),
        "account": holder.name,
        "quote": book.token(holder.chain_id, holder.quote_token),
        "level_words": LEVEL_WORDS[row.intel_level],
        "first": _first(trades[0], book) if trades else None,
        "thought": _thought(decisions[0], book) if decisions else None,
    }


def _first(row: Row, book: TokenBook) -> First:
    chain_id = holder_of(row).chain_id
    token_in, token_out = (book.token(chain_id, token) for token in (row.token_in, row.token_out))
    return First(
        pk=row.id,
        side=row.side,
        was_filled=row.status == "filled",
        block=row.block_number,
        traded=token_out if row.side == TradeSide.BUY else token_in,
        token_in=token_in,
        token_out=token_out,
        amount_in=row.amount_in,
        amount_out=row.amount_out,
    )


def _thought(row: Row, book: TokenBook) -> Thought:
    return Thought(
        token=book.token(holder_of(row).chain_id, row.token),
        block=row.last_block,
        action=row.action,
        why=row.code.replace("_", " "),
        reason=row.reasons[0] if row.reasons else "",
    )


@compiled
def _newest_session(user_id: int) -> QuerySet[BotSession, Row]:
    return owned.session_rows(user_id).filter(archived_at=None).order_by("-pk")[:1]


@compiled
def _first_trade(user_id: int, session_id: int) -> QuerySet[PaperTrade, Row]:
    booked = owned.trade_rows(user_id).filter(session=session_id, status__in=BOOKED_STATUSES)
    return booked.order_by("pk")[:1]


@compiled
def _newest_decision(user_id: int, session_id: int) -> QuerySet[Decision, Row]:
    return owned.decision_rows(user_id).filter(session=session_id).order_by("-pk")[:1]
