"""The one door into the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from dex.types import BlockRef
from paper_trading.errors import UnbalancedPosting
from paper_trading.models import Book, LedgerEntry, LedgerPosting, PaperTrade, PostingKind
from paper_trading.services.wallet import LockedWallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """``amount`` base units of ``token`` into (above zero) or out of ``book``."""

    book: Book
    token: str
    amount: int


def pair(*, token: str, amount: int, source: Book, target: Book) -> list[Movement]:
    """``amount`` from one book to another; nothing for an amount of 0."""
    if amount < 0:
        raise ValueError(f"{amount} cannot move from {source} to {target}")
    if amount == 0:
        return []
    return [Movement(book=source, token=token, amount=-amount), Movement(book=target, token=token, amount=amount)]


def post(
    *,
    wallet: LockedWallet,
    kind: PostingKind,
    block: BlockRef,
    movements: Sequence[Movement],
    trade: PaperTrade | None = None,
    reverses: LedgerPosting | None = None,
) -> LedgerPosting:
    """Writes one posting, each entry of the wallet with the balance that it leaves.

    Raises UnbalancedPosting when a token does not sum to zero and InsufficientBalance when the wallet would owe, both
    before anything is written.
    """
    _require_balanced(movements)
    left = iter(wallet.move([(move.token, move.amount) for move in movements if move.book == Book.WALLET]))
    account = wallet.account
    posting = LedgerPosting(
        account=account,
        kind=kind,
        generation=account.generation,
        block_number=block.number,
        block_hash=block.hash,
        trade=trade,
        reverses=reverses,
    )
    entries = [
        LedgerEntry(
            posting=posting,
            account=account,
            book=move.book,
            token=move.token,
            amount=move.amount,
            balance_after=next(left) if move.book == Book.WALLET else None,
        )
        for move in movements
    ]
    with transaction.atomic(savepoint=False):
        posting.save(force_insert=True)
        LedgerEntry.objects.bulk_create(entries)
    return posting


def _require_balanced(movements: Sequence[Movement]) -> None:
    sums: defaultdict[str, int] = defaultdict(int)
    for move in movements:
        sums[move.token] += move.amount
    if off := {token: amount for token, amount in sums.items() if amount != 0}:
        raise UnbalancedPosting(f"a posting is off by {off}")
