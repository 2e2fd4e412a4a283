"""What happens to an account's money. Amounts are base units of the token named beside them."""

from collections.abc import Mapping

from dex.types import BlockRef
from paper_trading.models import Book, LedgerPosting, PaperTrade, PostingKind
from paper_trading.services.postings import Draft, Movement, draft, pair, write
from paper_trading.services.wallet import LockedWallet
from paper_trading.tokens import NATIVE


def deposit(*, wallet: LockedWallet, deposits: Mapping[str, int], block: BlockRef) -> LedgerPosting:
    """The owner's opening capital; ``NATIVE`` in wei."""
    movements = [
        move
        for token, amount in sorted(deposits.items())
        for move in pair(token=token, amount=amount, source=Book.CAPITAL, target=Book.WALLET)
    ]
    return write([draft(wallet=wallet, kind=PostingKind.OPENING, block=block, movements=movements)])[0]


def swap_posting(
    *,
    wallet: LockedWallet,
    trade: PaperTrade,
    token_in: str,
    amount_in: int,
    token_out: str,
    amount_out: int,
    block: BlockRef,
) -> Draft:
    """``amount_in`` to the market and ``amount_out`` back; InsufficientBalance when the wallet holds less."""
    movements = [
        *pair(token=token_in, amount=amount_in, source=Book.WALLET, target=Book.MARKET),
        *pair(token=token_out, amount=amount_out, source=Book.MARKET, target=Book.WALLET),
    ]
    return draft(wallet=wallet, kind=PostingKind.SWAP, block=block, trade=trade, movements=movements)


def gas_posting(*, wallet: LockedWallet, trade: PaperTrade, wei: int, block: BlockRef) -> Draft | None:
    """The trade's fee in the native token; None where no fee is due."""
    if wei == 0:
        return None
    movements = pair(token=NATIVE, amount=wei, source=Book.WALLET, target=Book.NETWORK)
    return draft(wallet=wallet, kind=PostingKind.GAS, block=block, trade=trade, movements=movements)


def reverse(*, wallet: LockedWallet, trade: PaperTrade, block: BlockRef) -> list[LedgerPosting]:
    """Takes back every posting of the trade that still stands, newest first; again gives nothing."""
    standing = LedgerPosting.objects.filter(trade=trade, reversed_by=None).exclude(kind=PostingKind.REVERSAL)
    drafts = [
        draft(
            wallet=wallet,
            kind=PostingKind.REVERSAL,
            block=block,
            trade=trade,
            reverses=posting,
            movements=_opposite(posting),
        )
        for posting in standing.order_by("-pk")
    ]
    return write(drafts)


def _opposite(posting: LedgerPosting) -> list[Movement]:
    return [
        Movement(book=Book(entry.book), token=entry.token, amount=-entry.amount)
        for entry in posting.entries.order_by("pk")
    ]
