"""What accounts are worth and were at their start, and what that is made of: as many queries for many as for one."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Max, Min, OuterRef, Q, QuerySet, Subquery

from api.statements import compiled
from paper_trading.models import (
    LIVE_STATUSES,
    Book,
    BotSession,
    LedgerEntry,
    PaperTrade,
    Position,
    PositionStatus,
    TradeSide,
    TradeStatus,
)
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.selectors.wallets import balances_by_account
from paper_trading.selectors.worths import exit_worths
from paper_trading.tokens import NATIVE
from trading.aggregates import ExactSum


class Use(StrEnum):
    """What a token is to its account: what it counts in, what gas is paid with, what it trades, or none of them."""

    CASH = "cash"
    GAS = "gas"
    POSITION = "position"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """``quantity`` base units of ``token``, ``invested`` of them in an open position. ``worth``, in base units of the
    quote token, is what counts: cash as it is, and of a position what selling all of it would bring. It is None where
    nobody knows, ``is_unsaleable`` where the pools could not take all of it, and for what counts for nothing."""

    token: str
    use: Use
    quantity: int
    invested: int
    worth: int | None
    is_unsaleable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWorth:
    """Base units of the quote token: ``ordered`` is the part of ``cash`` that waiting buys would spend, ``positions``
    what selling all of them would bring as of ``block`` (None where one of them has no worth), ``gas_paid`` what gas
    has cost since ``start``, which is what the account was worth as its first session since the last reset began, None
    before. Gas is paid out of another token, and so taken off what the account is worth."""

    cash: int
    ordered: int
    positions: int | None
    gas_paid: int
    start: int | None
    block: int | None
    contents: Sequence[Content]

    @property
    def free(self) -> int:
        return self.cash - self.ordered

    @property
    def gross(self) -> int | None:
        return None if self.positions is None else self.cash + self.positions

    @property
    def worth(self) -> int | None:
        return None if self.gross is None else self.gross - self.gas_paid

    @property
    def result(self) -> int | None:
        return None if self.worth is None or self.start is None else self.worth - self.start

    @property
    def gas_money(self) -> int:
        """Wei."""
        return next((one.quantity for one in self.contents if one.use == Use.GAS), 0)


def account_worths(user_id: int, accounts: Sequence[Row]) -> dict[int, AccountWorth]:
    """By account id; ``accounts`` are rows of ``rows.ACCOUNT`` that are the user's."""
    ids = [row.id for row in accounts]
    if not ids:
        return {}
    held = balances_by_account(ids)
    positions = _open(user_id, ids)
    valued = exit_worths({row.id: row.account_id for row in positions})
    by_account: defaultdict[int, dict[str, Row]] = defaultdict(dict)
    for row in positions:
        by_account[row.account_id][row.token] = row
    starts = _starts(ids)
    ordered: Counter[int] = Counter()
    for account, amount in _ordered(user_id, ids):
        ordered[account] += amount
    found = {}
    for account in accounts:
        quote = holder_of(account).quote_token
        contents = _contents(quote, held[account.id], by_account[account.id], valued)
        worths = [one.worth for one in contents if one.invested > 0]
        start, gas_paid = starts.get(account.id, (None, 0))
        blocks = [valued[row.id].block_number for row in by_account[account.id].values() if row.id in valued]
        found[account.id] = AccountWorth(
            cash=held[account.id].get(quote, 0),
            ordered=ordered[account.id],
            positions=None if None in worths else sum(worth for worth in worths if worth is not None),
            gas_paid=gas_paid,
            start=start,
            block=blocks[0] if blocks else None,
            contents=contents,
        )
    return found


def _contents(
    quote: str, held: Mapping[str, int], positions: Mapping[str, Row], valued: Mapping[int, Any]
) -> list[Content]:
    """Cash and money for gas first, also where there is none of it; then what is held, by what it is worth."""
    usual = [_content(token, held.get(token, 0), None, valued, quote) for token in (quote, NATIVE)]
    others = [
        _content(token, quantity, positions.get(token), valued, quote)
        for token, quantity in held.items()
        if quantity > 0 and token not in (quote, NATIVE)
    ]
    return [*usual, *sorted(others, key=lambda one: (one.use != Use.POSITION, -(one.worth or 0), one.token))]


def _content(token: str, quantity: int, position: Row | None, valued: Mapping[int, Any], quote: str) -> Content:
    if position is None:
        use = Use.CASH if token == quote else Use.GAS if token == NATIVE else Use.LOOSE
        worth = quantity if use == Use.CASH else None
        return Content(token=token, use=use, quantity=quantity, invested=0, worth=worth, is_unsaleable=False)
    known = valued.get(position.id)
    return Content(
        token=token,
        use=Use.POSITION,
        quantity=quantity,
        invested=position.quantity,
        worth=None if known is None else known.amount,
        is_unsaleable=known is not None and known.amount is None,
    )


def _starts(account_ids: list[int]) -> dict[int, tuple[int | None, int]]:
    """What each was worth at its start, and the gas paid since, in base units of the quote token."""
    present = list(_present(account_ids))
    worths = dict(_start_equities([first for _, first, _ in present if first is not None]))
    return {account: (worths.get(first), gas) for account, first, gas in present}


@compiled
def _open(user_id: int, account_ids: list[int]) -> QuerySet[Position, Row]:
    return owned.position_rows(user_id).filter(account__in=account_ids, status=PositionStatus.OPEN).order_by("pk")


@compiled
def _ordered(user_id: int, account_ids: list[int]) -> QuerySet[PaperTrade, tuple[Any, ...]]:
    """Found by the user's sessions that are live: an order waits no longer than its session does, and to look at the
    account as well would have SQLite read all of its trades."""
    live = BotSession.objects.filter(user=user_id, account__in=account_ids, status__in=LIVE_STATUSES)
    pending = PaperTrade.objects.filter(session__in=live.values("pk"), status=TradeStatus.PENDING, side=TradeSide.BUY)
    return pending.order_by().values_list("account_id", "amount_in")


@compiled
def _present(account_ids: list[int]) -> QuerySet[BotSession, tuple[Any, ...]]:
    """Of the sessions since the last reset: account, the first that knew its start, and what they paid for gas."""
    first = Min("pk", filter=Q(start_equity__isnull=False))
    sessions = since_reset(BotSession.objects.filter(account__in=account_ids))
    return sessions.order_by().values_list("account_id").annotate(first=first, gas=ExactSum("gas_quote"))


def since_reset(sessions: QuerySet[BotSession]) -> QuerySet[BotSession]:
    """Those that began after the last reset of their account.

    What is paid in and out is found by the index of the entries, and only a reset account has been paid in twice.
    """
    capital = LedgerEntry.objects.filter(account=OuterRef("account"), book=Book.CAPITAL).order_by()
    newest = capital.values("account").annotate(newest=Max("posting__created_at")).values("newest")
    return sessions.filter(Q(account__generation=1) | Q(created_at__gt=Subquery(newest)))


@compiled
def _start_equities(session_ids: list[int]) -> QuerySet[BotSession, tuple[Any, ...]]:
    return BotSession.objects.filter(pk__in=session_ids).values_list("pk", "start_equity")
