"""The one door into the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from dex.types import BlockRef
from paper_trading.errors import InsufficientBalance, UnbalancedPosting
from paper_trading.models import Book, LedgerEntry, LedgerPosting, PaperAccount, PaperTrade, PostingKind
from paper_trading.selectors import balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """``amount`` base units of ``token`` into (above zero) or out of ``book``."""

    book: Book
    token: str
    amount: int


def lock_account(account_id: int) -> PaperAccount:
    """The account as the database has it, held until the transaction ends: bookings on it come one after another."""
    return PaperAccount.objects.select_for_update().get(pk=account_id)


def pair(*, token: str, amount: int, source: Book, target: Book) -> list[Movement]:
    """``amount`` from one book to another; nothing for an amount of 0."""
    if amount < 0:
        raise ValueError(f"{amount} cannot move from {source} to {target}")
    if amount == 0:
        return []
    return [Movement(book=source, token=token, amount=-amount), Movement(book=target, token=token, amount=amount)]


@transaction.atomic
def post(
    *,
    account: PaperAccount,
    kind: PostingKind,
    block: BlockRef,
    movements: Sequence[Movement],
    trade: PaperTrade | None = None,
    reverses: LedgerPosting | None = None,
) -> LedgerPosting:
    """Writes one posting. ``account`` must come from ``lock_account`` in the same transaction.

    Raises UnbalancedPosting when a token does not sum to zero and InsufficientBalance when the wallet would owe.
    """
    _require_balanced(movements)
    _require_covered(account, movements)
    posting = LedgerPosting.objects.create(
        account=account,
        kind=kind,
        generation=account.generation,
        block_number=block.number,
        block_hash=block.hash,
        trade=trade,
        reverses=reverses,
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(posting=posting, account=account, book=move.book, token=move.token, amount=move.amount)
        for move in movements
    )
    return posting


def _require_balanced(movements: Sequence[Movement]) -> None:
    sums: defaultdict[str, int] = defaultdict(int)
    for move in movements:
        sums[move.token] += move.amount
    if off := {token: amount for token, amount in sums.items() if amount != 0}:
        raise UnbalancedPosting(f"a posting is off by {off}")


def _require_covered(account: PaperAccount, movements: Sequence[Movement]) -> None:
    changes: defaultdict[str, int] = defaultdict(int)
    for move in movements:
        if move.book == Book.WALLET:
            changes[move.token] += move.amount
    for token, change in changes.items():
        if change < 0 and (held := balance(account, token)) + change < 0:
            raise InsufficientBalance(f"account {account.name!r} holds {held} of {token}, the posting takes {-change}")
