"""The rows that the checks read, each loaded once and without what no check looks at."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from paper_trading.models import BotSession, FillReceipt, LedgerEntry, PaperAccount, PaperTrade, Position


class Entry(NamedTuple):
    """A ledger entry beside what its posting says."""

    posting_id: int
    book: str
    token: str
    amount: int
    balance_after: int | None
    kind: str
    generation: int
    trade_id: int | None


COLUMNS = (
    "posting_id",
    "book",
    "token",
    "amount",
    "balance_after",
    "posting__kind",
    "posting__generation",
    "posting__trade_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """``entries`` are in the order in which they were written; trades and receipts by their sequence."""

    account: PaperAccount
    entries: Sequence[Entry]
    trades: Sequence[PaperTrade]
    receipts: Sequence[FillReceipt]
    positions: Sequence[Position]
    sessions: Sequence[BotSession]

    def trades_by_position(self) -> dict[int | None, list[PaperTrade]]:
        """Booked trades in the order of booking, by position id."""
        booked_at = {receipt.trade_id: receipt.sequence for receipt in self.receipts}
        booked = [trade for trade in self.trades if trade.is_booked]
        grouped: defaultdict[int | None, list[PaperTrade]] = defaultdict(list)
        for trade in sorted(booked, key=lambda trade: booked_at.get(trade.pk, 0)):
            grouped[trade.position_id].append(trade)
        return grouped


def load_rows(account: PaperAccount) -> Rows:
    trades = list(PaperTrade.objects.filter(account=account).defer("plan", "revert_reason").order_by("sequence"))
    by_id = {trade.pk: trade for trade in trades}
    receipts = list(FillReceipt.objects.filter(account=account).order_by("sequence"))
    for receipt in receipts:
        receipt.account = account
        if (trade := by_id.get(receipt.trade_id)) is not None:
            receipt.trade = trade
    entries = LedgerEntry.objects.filter(account=account).order_by("posting_id", "id")
    return Rows(
        account=account,
        entries=[Entry(*row) for row in entries.values_list(*COLUMNS)],
        trades=trades,
        receipts=receipts,
        positions=list(Position.objects.filter(account=account).order_by("pk")),
        sessions=list(BotSession.objects.filter(account=account).defer("state", "overrides").order_by("pk")),
    )
