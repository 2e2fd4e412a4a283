"""An account's books to be read and added up again: postings, what the owner paid in and took out, receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from api.statements import compiled
from paper_trading.models import Book, FillReceipt, LedgerEntry, LedgerPosting, PaperAccount, PostingKind
from paper_trading.selectors import owned
from paper_trading.selectors.problem import LedgerProblem
from paper_trading.selectors.receipts import BEFORE_THE_FIRST, Link, chain_problems
from paper_trading.selectors.rows import Row
from paper_trading.selectors.wallets import balances, summed_balances
from paper_trading.tokens import NATIVE

POSTING = ("id", "kind", "generation", "block_number", "block_hash", "trade_id", "reverses_id", "created_at")
MOVEMENT = ("id", "posting_id", "token", "amount", "balance_after", "before")
MOST_CAPITAL = 100
OF_CAPITAL = (PostingKind.OPENING, PostingKind.RESET)


def posting_ids(
    user_id: int, account_id: int, *, token: str = "", kind: str = "", before: int | None = None
) -> QuerySet[Any, int]:
    """Newest first: those that moved ``token`` in the wallet, of ``kind``, and older than ``before``, where asked.

    However many there are, few are read: the kinds that are rare are found by what sets them apart.
    """
    if token == "" or kind == PostingKind.REVERSAL:
        return _of_kind(user_id, account_id, token=token, kind=kind, before=before)
    if _never_moves(kind, token):
        return LedgerPosting.objects.none().values_list("pk", flat=True)
    # Entries are written in the order of their postings, and each posting moves a token once in a book.
    book = Book.CAPITAL if kind in OF_CAPITAL else Book.WALLET
    entries = owned.entries(user_id, account_id).filter(book=book, token=token)
    if before is not None:
        first = LedgerEntry.objects.filter(posting__gte=before).order_by("posting", "id").values("id")[:1]
        entries = entries.filter(id__lt=Subquery(first))
    if kind:
        entries = entries.filter(posting__kind=kind)
    return entries.order_by("-id").values_list("posting_id", flat=True)


def _of_kind(
    user_id: int, account_id: int, *, token: str, kind: str, before: int | None
) -> QuerySet[LedgerPosting, int]:
    found = owned.postings(user_id, account_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    if kind == PostingKind.REVERSAL:
        found = found.filter(pk__in=LedgerPosting.objects.filter(reverses__isnull=False).values("pk"))
        if token:
            moved = LedgerEntry.objects.filter(posting=OuterRef("pk"), book=Book.WALLET, token=token)
            found = found.filter(Exists(moved))
    elif kind in OF_CAPITAL:
        capital = owned.entries(user_id, account_id).filter(book=Book.CAPITAL)
        found = found.filter(kind=kind, pk__in=capital.values("posting"))
    elif kind:
        found = found.filter(kind=kind)
    return found.order_by("-pk").values_list("pk", flat=True)


def _never_moves(kind: str, token: str) -> bool:
    """Gas is paid in the native token, which nothing else that a session books moves."""
    return (kind == PostingKind.GAS and token != NATIVE) or (kind == PostingKind.SWAP and token == NATIVE)


@compiled
def postings(user_id: int, account_id: int, ids: list[int]) -> QuerySet[LedgerPosting, Row]:
    """Rows of ``POSTING``, newest first."""
    return owned.postings(user_id, account_id).filter(pk__in=ids).order_by("-pk").values_list(*POSTING, named=True)


@compiled
def movements(user_id: int, account_id: int, ids: list[int]) -> QuerySet[LedgerEntry, Row]:
    """What the postings ``ids`` moved in the wallet, rows of ``MOVEMENT`` in the order of booking; ``before`` is what
    the entry before it in the same token left there, None for the first."""
    earlier = LedgerEntry.objects.filter(
        account=OuterRef("account"), book=Book.WALLET, token=OuterRef("token"), id__lt=OuterRef("id")
    )
    rows = owned.entries(user_id, account_id).filter(book=Book.WALLET, posting__in=ids).order_by("id")
    before = Subquery(earlier.order_by("-id").values("balance_after")[:1])
    return rows.annotate(before=before).values_list(*MOVEMENT, named=True)


@compiled
def capital_rows(user_id: int, account_id: int) -> QuerySet[LedgerEntry, Row]:
    """What the owner paid in (below zero, as the book of the owner's capital has it) and took out, newest first, as
    much as is shown at once; rows of ``rows.ENTRY``."""
    # Found by their book first: in the order of ids SQLite would read all of the account's entries to find a few.
    capital = owned.entries(user_id, account_id).filter(book=Book.CAPITAL)
    return owned.entry_rows(user_id, account_id).filter(pk__in=capital.values("pk")).order_by("-id")[:MOST_CAPITAL]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """``stated`` is what the newest entry of ``token`` says the wallet holds, ``summed`` what all of them add up to."""

    token: str
    stated: int
    summed: int

    @property
    def is_right(self) -> bool:
        return self.stated == self.summed


def added_up(account: PaperAccount) -> Sequence[Added]:
    """Every token the account ever held; reads every entry."""
    stated, summed = balances(account), summed_balances(account)
    return [
        Added(token=token, stated=stated.get(token, 0), summed=summed.get(token, 0))
        for token in sorted(stated.keys() | summed.keys())
    ]


def newest_links_problems(account: PaperAccount, most: int) -> tuple[int, list[LedgerProblem]]:
    """How many of the account's newest receipts were looked at, at most ``most``, and what is wrong with them."""
    chain = FillReceipt.objects.filter(account=account)
    newest = list(chain.select_related("account", "trade").defer("trade__plan").order_by("-sequence")[:most])[::-1]
    if not newest:
        return 0, []
    older = chain.filter(sequence__lt=newest[0].sequence).order_by("-sequence").values_list("sequence", "hash").first()
    after = BEFORE_THE_FIRST if older is None else Link(*older)
    return len(newest), chain_problems(newest, after=after)
