"""The one door into the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dex.types import BlockRef
from paper_trading.errors import UnbalancedPosting
from paper_trading.models import Book, LedgerEntry, LedgerPosting, PaperTrade, PostingKind
from paper_trading.services.wallet import LockedWallet
from trading.bulk import insert_rows, insert_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """``amount`` base units of ``token`` into (above zero) or out of ``book``."""

    book: Book
    token: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A posting that has moved the wallet and is still to be written; ``left`` is what each movement left there."""

    posting: LedgerPosting
    movements: Sequence[Movement]
    left: Sequence[int | None]


def pair(*, token: str, amount: int, source: Book, target: Book) -> list[Movement]:
    """``amount`` from one book to another; nothing for an amount of 0."""
    if amount < 0:
        raise ValueError(f"{amount} cannot move from {source} to {target}")
    if amount == 0:
        return []
    return [Movement(book=source, token=token, amount=-amount), Movement(book=target, token=token, amount=amount)]


def draft(
    *,
    wallet: LockedWallet,
    kind: PostingKind,
    block: BlockRef,
    movements: Sequence[Movement],
    trade: PaperTrade | None = None,
    reverses: LedgerPosting | None = None,
) -> Draft:
    """One posting, each entry of the wallet with the balance that it leaves; ``write`` must follow.

    Raises UnbalancedPosting when a token does not sum to zero and InsufficientBalance when the wallet would owe.
    """
    _require_balanced(movements)
    moved = iter(wallet.move([(move.token, move.amount) for move in movements if move.book == Book.WALLET]))
    left = [next(moved) if move.book == Book.WALLET else None for move in movements]
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
    return Draft(posting=posting, movements=movements, left=left)


def write(drafts: Sequence[Draft]) -> list[LedgerPosting]:
    """Writes the postings in their order, all in two statements; within a transaction that holds their accounts."""
    postings = [each.posting for each in drafts]
    insert_rows(postings)
    entries = [
        (each.posting.pk, each.posting.account_id, move.book, move.token, move.amount, left)
        for each in drafts
        for move, left in zip(each.movements, each.left, strict=True)
    ]
    insert_values(LedgerEntry, ("posting", "account", "book", "token", "amount", "balance_after"), entries)
    return postings


def _require_balanced(movements: Sequence[Movement]) -> None:
    sums: defaultdict[str, int] = defaultdict(int)
    for move in movements:
        sums[move.token] += move.amount
    if off := {token: amount for token, amount in sums.items() if amount != 0}:
        raise UnbalancedPosting(f"a posting is off by {off}")
