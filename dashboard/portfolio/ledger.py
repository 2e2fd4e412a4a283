"""An account's ledger, posting by posting, each with what it left in the wallet and whether that follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from dashboard.parts import Ask
from dashboard.portfolio.subject import Subject
from dashboard.session.thoughts import LONGEST, cursor
from dex.types import Token
from paper_trading.models import PostingKind
from paper_trading.selectors.account_books import movements, posting_ids, postings
from paper_trading.selectors.rows import Row
from paper_trading.selectors.wallets import balances_by_account

MOST_SHOWN = 25
KIND_WORDS = {
    PostingKind.OPENING: "paid in by you",
    PostingKind.SWAP: "swapped with a pool",
    PostingKind.GAS: "paid for gas",
    PostingKind.REVERSAL: "taken back: its block was removed from the chain",
    PostingKind.RESET: "taken out by you",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """``amount`` base units of ``token`` into the wallet (above zero) or out of it, and what it left there.
    ``follows`` is whether that is what the entry before it left, and this amount."""

    token: Token
    amount: int
    left: int
    follows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    pk: int
    kind: str
    words: str
    block_number: int
    block_hash: str
    trade: int | None
    reverses: int | None
    generation: int
    at: datetime
    movements: Sequence[Movement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the address asks for; what makes no sense asks for nothing."""

    token: str
    kind: str
    before: int | None

    @classmethod
    def of(cls, ask: Ask) -> "Wanted":
        query = ask.request.GET
        kind = query.get("kind", "")
        return cls(
            token=query.get("token", "")[:LONGEST],
            kind=kind if kind in PostingKind.values else "",
            before=cursor(query.get("ledger_before", "")),
        )


def ledger(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """The newest postings, or those before one of them."""
    wanted = Wanted.of(ask)
    found = posting_ids(subject.user_id, subject.pk, token=wanted.token, kind=wanted.kind, before=wanted.before)
    ids = list(found[: MOST_SHOWN + 1])
    shown = ids[:MOST_SHOWN]
    return {
        "subject": subject,
        "wanted": wanted,
        "postings": _postings(subject, shown),
        "older": shown[-1] if len(ids) > MOST_SHOWN else None,
        "csv": _csv_address(subject.pk, wanted),
    }


def tokens_of(subject: Subject) -> list[Token]:
    """Every token that the account ever held, by symbol."""
    held = balances_by_account([subject.pk])[subject.pk]
    subject.know(*held)
    return sorted((subject.token(token) for token in held), key=lambda token: token.symbol)


def _postings(subject: Subject, ids: list[int]) -> list[Posting]:
    if not ids:
        return []
    moved: dict[int, list[Row]] = {}
    for row in movements(subject.user_id, subject.pk, ids):
        moved.setdefault(row.posting_id, []).append(row)
    subject.know(*{row.token for rows in moved.values() for row in rows})
    return [
        Posting(
            pk=row.id,
            kind=row.kind,
            words=KIND_WORDS[PostingKind(row.kind)],
            block_number=row.block_number,
            block_hash=row.block_hash,
            trade=row.trade_id,
            reverses=row.reverses_id,
            generation=row.generation,
            at=row.created_at,
            movements=_movements(subject, moved.get(row.id, ())),
        )
        for row in postings(subject.user_id, subject.pk, ids)
    ]


def _movements(subject: Subject, rows: Iterable[Row]) -> list[Movement]:
    return [
        Movement(
            token=subject.token(row.token),
            amount=row.amount,
            left=row.balance_after,
            follows=(row.before or 0) + row.amount == row.balance_after,
        )
        for row in rows
    ]


def _csv_address(account_id: int, wanted: Wanted) -> str:
    """Of the API's export, with all books."""
    chosen = {"format": "csv", "token": wanted.token, "kind": wanted.kind}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{reverse('paper-account-ledger', args=[account_id])}?{query}"
