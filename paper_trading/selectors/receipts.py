"""Reading the chain of receipts."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from paper_trading.models import FillReceipt, PaperAccount, PaperTrade
from paper_trading.receipt_digest import FIRST_PREVIOUS_HASH, RECEIPT_FIELDS, ReceiptValue, receipt_hash
from paper_trading.selectors.problem import LedgerProblem


def receipt_fields(receipt: FillReceipt) -> dict[str, ReceiptValue]:
    """What the receipt's hash covers."""
    fields: dict[str, ReceiptValue] = {name: getattr(receipt, name) for name in RECEIPT_FIELDS}
    return fields | {"account": receipt.account.address, "trade": receipt.trade.sequence}


class Link(NamedTuple):
    """A place in the account's chain of receipts."""

    sequence: int
    hash: str


BEFORE_THE_FIRST = Link(0, FIRST_PREVIOUS_HASH)


def last_links(account_ids: Collection[int]) -> dict[int, Link]:
    """Where the next receipt of each account hangs on, in one statement; ``sequence`` is 0 before the first."""
    of_account = FillReceipt.objects.filter(account=OuterRef("pk")).order_by("-sequence")
    newest = PaperAccount.objects.filter(pk__in=account_ids).annotate(last=Subquery(of_account.values("pk")[:1]))
    receipts = FillReceipt.objects.filter(pk__in=newest.values("last")).values_list("account_id", "sequence", "hash")
    found = {pk: Link(sequence, digest) for pk, sequence, digest in receipts}
    return dict.fromkeys(account_ids, BEFORE_THE_FIRST) | found


def last_receipt_of(trade: PaperTrade) -> FillReceipt | None:
    return FillReceipt.objects.filter(trade=trade).order_by("-sequence").first()


def verify_chain(account: PaperAccount) -> list[LedgerProblem]:
    """Every receipt that was changed, and every gap where one is missing; empty when all is well."""
    receipts = FillReceipt.objects.filter(account=account).select_related("account", "trade").defer("trade__plan")
    return chain_problems(receipts.order_by("sequence").iterator())


def chain_problems(receipts: Iterable[FillReceipt], after: Link = BEFORE_THE_FIRST) -> list[LedgerProblem]:
    """``verify_chain`` of receipts that are loaded already, in their order, with account and trade; the first of them
    follows ``after``."""
    problems: list[LedgerProblem] = []
    previous_hash, expected = after.hash, after.sequence + 1
    for receipt in receipts:
        subject = f"receipt {receipt.sequence}"
        if receipt.sequence != expected:
            problems.append(LedgerProblem(check="receipts", subject=subject, detail=f"receipt {expected} is missing"))
        if receipt.previous_hash != previous_hash:
            problems.append(LedgerProblem(check="receipts", subject=subject, detail="does not follow the one before"))
        if receipt.hash != receipt_hash(receipt_fields(receipt)):
            problems.append(LedgerProblem(check="receipts", subject=subject, detail="was changed after it was written"))
        previous_hash, expected = receipt.hash, receipt.sequence + 1
    return problems
