from collections import defaultdict

from paper_trading.models import FillReceipt, PaperTrade, ReceiptKind, TradeStatus
from paper_trading.selectors.audit.rows import Rows
from paper_trading.selectors.problem import LedgerProblem

COPIES = ("status", "token_in", "token_out", "minimum_out", "block_number", "block_hash", "gas_used", "fee_paid")


def receipts_match_trades(rows: Rows) -> list[LedgerProblem]:
    """Booked trades end in a fill receipt that says the same; un-booked ones in a reversal; others have none."""
    by_trade: defaultdict[int, list[FillReceipt]] = defaultdict(list)
    for receipt in rows.receipts:
        by_trade[receipt.trade_id].append(receipt)
    return [
        LedgerProblem(check="receipts", subject=f"trade {trade.sequence}", detail=fault)
        for trade in rows.trades
        if (fault := _fault(trade, by_trade[trade.pk])) is not None
    ]


def _fault(trade: PaperTrade, receipts: list[FillReceipt]) -> str | None:
    for index, receipt in enumerate(receipts):
        if receipt.kind != (ReceiptKind.REVERSAL if index % 2 else ReceiptKind.FILL):
            return "fills and reversals do not alternate"
    if len(receipts) % 2 != int(trade.is_booked):
        return f"is {trade.status} with {len(receipts)} receipts"
    return _difference(trade, receipts[-1]) if trade.is_booked else None


def _difference(trade: PaperTrade, receipt: FillReceipt) -> str | None:
    filled = trade.status == TradeStatus.FILLED
    pairs = [(name, getattr(trade, name), getattr(receipt, name)) for name in COPIES]
    pairs.append(("amount_in", trade.amount_in if filled else 0, receipt.amount_in))
    pairs.append(("amount_out", (trade.amount_out or 0) if filled else 0, receipt.amount_out))
    for name, said, receipted in pairs:
        if said != receipted:
            return f"{name} is {said}, its receipt says {receipted}"
    return None
