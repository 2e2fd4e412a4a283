"""Every object belongs to a user. This is the only place that says how, so that nothing is found by anyone else."""

from django.db.models import QuerySet

from paper_trading.models import (
    BotSession,
    Decision,
    FillReceipt,
    LedgerEntry,
    PaperAccount,
    PaperTrade,
    Position,
    SessionCommand,
)


def accounts(user_id: int) -> QuerySet[PaperAccount]:
    return PaperAccount.objects.filter(user=user_id)


def sessions(user_id: int) -> QuerySet[BotSession]:
    """With their accounts; without ``state``, which is the bot's memory and large."""
    return BotSession.objects.filter(user=user_id).select_related("account").defer("state")


def commands(user_id: int) -> QuerySet[SessionCommand]:
    return SessionCommand.objects.filter(session__user=user_id).select_related("session__account")


def trades(user_id: int) -> QuerySet[PaperTrade]:
    """With their accounts; lists leave out ``plan``, which is large."""
    return PaperTrade.objects.filter(account__user=user_id).select_related("account")


def receipts(user_id: int) -> QuerySet[FillReceipt]:
    owned = FillReceipt.objects.filter(account__user=user_id)
    return owned.select_related("account", "trade").defer("trade__plan")


def decisions(user_id: int) -> QuerySet[Decision]:
    return Decision.objects.filter(session__user=user_id).select_related("session__account")


def positions(user_id: int) -> QuerySet[Position]:
    return Position.objects.filter(account__user=user_id).select_related("account")


def entries(user_id: int) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(account__user=user_id).select_related("account", "posting")
