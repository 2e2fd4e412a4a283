"""A session's trades, each with who bears witness to it. Most stay as they are: each is written once and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from api.statements import compiled
from dashboard.lines import line
from dashboard.parts import Ask
from dashboard.session.subject import Subject
from dashboard.session.thoughts import cursor
from dex.types import Token
from paper_trading.models import FillReceipt, PaperTrade, TradeSide
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row

MOST_SHOWN = 20
KEPT = 2_000
WITNESS_WORDS = {"both": "model and node", "model": "model alone", "node": "node alone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """``receipt`` is the hash of the newest one, empty while there is none; ``reason`` why it left, or failed."""

    pk: int
    side: str
    status: str
    disputed: bool
    token: Token
    token_in: Token
    token_out: Token
    amount_in: int
    amount_out: int | None
    gas_quote: int
    block_number: int | None
    decided_block: int
    at: datetime
    reason: str
    witness: str
    receipt: str


def trades(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    before = cursor(ask.request.GET.get("trades_before", ""))
    rows = _before(subject.user_id, subject.pk, before) if before is not None else _newest(subject.user_id, subject.pk)
    shown = rows[:MOST_SHOWN]
    subject.know(*(token for row in shown for token in (row.token_in, row.token_out)))
    receipts = _receipts(subject.user_id, [row.id for row in shown])
    marks = {trade: (witness, digest) for trade, witness, digest in receipts}
    return {
        "subject": subject,
        "fills": [line_of(_fill(row, subject, *marks.get(row.id, ("", ""))), subject.quote) for row in shown],
        "before": before,
        "older": shown[-1].id if len(rows) > MOST_SHOWN else None,
    }


@compiled
def _newest(user_id: int, session_id: int) -> QuerySet[PaperTrade, Row]:
    return owned.trade_rows(user_id).filter(session=session_id).order_by("-pk")[: MOST_SHOWN + 1]


@compiled
def _before(user_id: int, session_id: int, before: int) -> QuerySet[PaperTrade, Row]:
    return owned.trade_rows(user_id).filter(session=session_id, pk__lt=before).order_by("-pk")[: MOST_SHOWN + 1]


@compiled
def _receipts(user_id: int, trades: Sequence[int]) -> QuerySet[FillReceipt, Any]:
    """The newest of each trade comes last."""
    rows = owned.receipt_rows(user_id).filter(trade__in=trades).order_by("sequence")
    return rows.values_list("trade_id", "witness", "hash")


@lru_cache(maxsize=KEPT)
def line_of(one: Fill, quote: Token) -> SafeString:
    return line("session/fill.html", one=one, quote=quote)


def _fill(row: Row, subject: Subject, witness: str, receipt: str) -> Fill:
    bought = row.side == TradeSide.BUY
    return Fill(
        pk=row.id,
        side=row.side,
        status=row.status,
        disputed=row.disputed,
        token=subject.token(row.token_out if bought else row.token_in),
        token_in=subject.token(row.token_in),
        token_out=subject.token(row.token_out),
        amount_in=row.amount_in,
        amount_out=row.amount_out,
        gas_quote=row.gas_quote,
        block_number=row.block_number,
        decided_block=row.decided_block,
        at=row.created_at if row.block_time is None else row.block_time,
        reason=row.revert_reason or row.exit_reason.replace("_", " "),
        witness=WITNESS_WORDS.get(witness, witness),
        receipt=receipt,
    )
