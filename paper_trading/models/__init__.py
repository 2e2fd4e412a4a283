from paper_trading.models.account import PaperAccount
from paper_trading.models.decision import Decision
from paper_trading.models.ledger import Book, LedgerEntry, LedgerPosting, PostingKind
from paper_trading.models.position import Position, PositionStatus
from paper_trading.models.quarantine import QuarantinedPool
from paper_trading.models.receipt import FillReceipt, ReceiptKind
from paper_trading.models.session import LIVE_STATUSES, BotSession, SessionStatus
from paper_trading.models.trade import BOOKED_STATUSES, PaperTrade, TradeSide, TradeStatus

__all__ = [
    "BOOKED_STATUSES",
    "LIVE_STATUSES",
    "Book",
    "BotSession",
    "Decision",
    "FillReceipt",
    "LedgerEntry",
    "LedgerPosting",
    "PaperAccount",
    "PaperTrade",
    "Position",
    "PositionStatus",
    "PostingKind",
    "QuarantinedPool",
    "ReceiptKind",
    "SessionStatus",
    "TradeSide",
    "TradeStatus",
]
