from paper_trading.models.account import UNOPENED, PaperAccount
from paper_trading.models.command import CommandKind, CommandStatus, SessionCommand
from paper_trading.models.decision import Decision
from paper_trading.models.equity_point import EquityPoint
from paper_trading.models.host import BotHost
from paper_trading.models.ledger import Book, LedgerEntry, LedgerPosting, PostingKind
from paper_trading.models.position import Position, PositionStatus
from paper_trading.models.quarantine import QuarantinedPool
from paper_trading.models.receipt import FillReceipt, ReceiptKind
from paper_trading.models.session import (
    CLAIMABLE_STATUSES,
    LIVE_STATUSES,
    STOPPED_AT_TERMINAL,
    BotSession,
    SessionStatus,
)
from paper_trading.models.session_request import RequestKind, SessionRequest
from paper_trading.models.task_lock import TaskLock
from paper_trading.models.trade import BOOKED_STATUSES, PaperTrade, TradeSide, TradeStatus

__all__ = [
    "BOOKED_STATUSES",
    "CLAIMABLE_STATUSES",
    "LIVE_STATUSES",
    "STOPPED_AT_TERMINAL",
    "UNOPENED",
    "Book",
    "BotHost",
    "BotSession",
    "CommandKind",
    "CommandStatus",
    "Decision",
    "EquityPoint",
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
    "RequestKind",
    "SessionCommand",
    "SessionRequest",
    "SessionStatus",
    "TaskLock",
    "TradeSide",
    "TradeStatus",
]
