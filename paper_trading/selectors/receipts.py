"""Reading the chain of receipts."""

from collections.abc import Iterable
from typing import NamedTuple

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


def last_link(account: PaperAccount) -> Link:
    """Where the account's next receipt hangs on; ``sequence`` is 0 before the first."""
    newest = FillReceipt.objects.filter(account=account).order_by("-sequence").values_list("sequence", "hash").first()
    return Link(0, FIRST_PREVIOUS_HASH) if newest is None else Link(*newest)


def last_receipt_of(trade: PaperTrade) -> FillReceipt | None:
    return FillReceipt.objects.filter(trade=trade).order_by("-sequence").first()


def verify_chain(account: PaperAccount) -> list[LedgerProblem]:
    """Every receipt that was changed, and every gap where one is missing; empty when all is well."""
    receipts = FillReceipt.objects.filter(account=account).select_related("account", "trade").defer("trade__plan")
    return chain_problems(receipts.order_by("sequence").iterator())


def chain_problems(receipts: Iterable[FillReceipt]) -> list[LedgerProblem]:
    """``verify_chain`` of receipts that are loaded already, in their order, with account and trade."""
    problems: list[LedgerProblem] = []
    previous_hash, expected = FIRST_PREVIOUS_HASH, 1
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
