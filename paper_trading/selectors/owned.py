"""Every object belongs to a user. This is the only place that says how, so that nothing is found by anyone else.

The ``..._rows`` are the same objects as the named tuples of ``selectors.rows``.
"""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from api.statements import compiled
from paper_trading.models import (
    BotSession,
    Decision,
    FillReceipt,
    LedgerEntry,
    LedgerPosting,
    PaperAccount,
    PaperTrade,
    Position,
    SessionCommand,
)
from paper_trading.selectors import rows
from paper_trading.selectors.rows import Row

M = TypeVar("M", bound=Model)


def accounts(user_id: int) -> QuerySet[PaperAccount]:
    return PaperAccount.objects.filter(user=user_id)


def sessions(user_id: int) -> QuerySet[BotSession]:
    """With their accounts; without ``state``, which is the bot's memory and large."""
    return BotSession.objects.filter(user=user_id).select_related("account").defer("state")


def trades(user_id: int) -> QuerySet[PaperTrade]:
    """With their accounts."""
    return PaperTrade.objects.filter(account__user=user_id).select_related("account")


def _prepared(queryset: QuerySet[M], columns: tuple[str, ...]) -> QuerySet[M, Row]:
    """A request only adds its own conditions to a copy: finding the columns takes longer than the query."""
    named: QuerySet[Any, Any] = queryset.values_list(*columns, named=True)
    return named


_ACCOUNTS = _prepared(PaperAccount.objects.all(), rows.ACCOUNT)
_SESSIONS = _prepared(BotSession.objects.all(), rows.SESSION)
_COMMANDS = _prepared(SessionCommand.objects.all(), rows.COMMAND)
_TRADES = _prepared(PaperTrade.objects.all(), rows.TRADE)
_WHOLE_TRADES = _prepared(PaperTrade.objects.all(), rows.WHOLE_TRADE)
_RECEIPTS = _prepared(FillReceipt.objects.all(), rows.RECEIPT)
_DECISIONS = _prepared(Decision.objects.all(), rows.DECISION)
_WHOLE_DECISIONS = _prepared(Decision.objects.all(), rows.WHOLE_DECISION)
_POSITIONS = _prepared(Position.objects.all(), rows.POSITION)
_ENTRIES = _prepared(LedgerEntry.objects.all(), rows.ENTRY)


def account_rows(user_id: int) -> QuerySet[PaperAccount, Row]:
    return _ACCOUNTS.filter(user=user_id)


def session_rows(user_id: int) -> QuerySet[BotSession, Row]:
    return _SESSIONS.filter(user=user_id)


def command_rows(user_id: int) -> QuerySet[SessionCommand, Row]:
    return _COMMANDS.filter(session__user=user_id)


def commands_of_session(user_id: int, session_id: int) -> QuerySet[SessionCommand, Row]:
    return command_rows(user_id).filter(session=session_id)


def trade_rows(user_id: int) -> QuerySet[PaperTrade, Row]:
    """Without ``plan``, which is large."""
    return _TRADES.filter(account__user=user_id)


def whole_trade_rows(user_id: int) -> QuerySet[PaperTrade, Row]:
    return _WHOLE_TRADES.filter(account__user=user_id)


def receipt_rows(user_id: int) -> QuerySet[FillReceipt, Row]:
    return _RECEIPTS.filter(account__user=user_id)


def receipts_of_trade(user_id: int, trade_id: int) -> QuerySet[FillReceipt, Row]:
    return receipt_rows(user_id).filter(trade=trade_id)


def decision_rows(user_id: int) -> QuerySet[Decision, Row]:
    return _DECISIONS.filter(session__user=user_id)


def whole_decision_rows(user_id: int) -> QuerySet[Decision, Row]:
    """With what every signal read, which is most of a decision."""
    return _WHOLE_DECISIONS.filter(session__user=user_id)


def position_rows(user_id: int) -> QuerySet[Position, Row]:
    return _POSITIONS.filter(account__user=user_id)


def entry_rows(user_id: int, account_id: int) -> QuerySet[LedgerEntry, Row]:
    return _ENTRIES.filter(account__user=user_id, account=account_id)


def entries(user_id: int, account_id: int) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(account__user=user_id, account=account_id)


def postings(user_id: int, account_id: int) -> QuerySet[LedgerPosting]:
    return LedgerPosting.objects.filter(account__user=user_id, account=account_id)


@compiled
def trades_of_decision(user_id: int, decision_id: int) -> QuerySet[PaperTrade, int]:
    """The ids of the orders that came of it, oldest first."""
    return trades(user_id).filter(decision=decision_id).order_by("pk").values_list("pk", flat=True)


@compiled
def trades_of_position(user_id: int, position_id: int) -> QuerySet[PaperTrade, int]:
    """Their ids, oldest first."""
    return trades(user_id).filter(position=position_id).order_by("sequence").values_list("pk", flat=True)
