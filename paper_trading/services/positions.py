"""Positions follow from trades: a booking adds its trade, un-booking computes anew from the trades that are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from dex.types import BlockRef
from paper_trading.errors import InsufficientBalance
from paper_trading.models import BotSession, PaperAccount, PaperTrade, Position, PositionStatus, TradeSide, TradeStatus
from paper_trading.position_math import PositionTotals
from paper_trading.selectors import balance, open_position
from paper_trading.selectors.positions import booked_trades, leg, open_positions, stored_totals, totals
from paper_trading.services.announcements import position_changed
from paper_trading.services.wallet import lock_account
from trading.bulk import insert_rows, write_values

CHANGING = (
    *("quantity", "bought", "cost", "proceeds", "fees_quote", "status"),
    *("closed_block", "closed_at", "exit_reason", "result"),
)
"""Columns that a trade may change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A trade whose outcome at ``block`` is known; ``session`` with its account is held by this transaction."""

    trade: PaperTrade
    session: BotSession
    block: BlockRef


def book_legs(legs: Sequence[Leg]) -> None:
    """Adds each trade to the open position of its token and tells the trade; a filled buy opens one.

    No two trades are of one account. Raises PositionExceeded.
    """
    found = open_positions([(one.session.account_id, one.trade.token) for one in legs])
    changes = []
    for one in legs:
        trade, session = one.trade, one.session
        position = found.get((session.account_id, trade.token))
        if position is None:
            if trade.status != TradeStatus.FILLED or trade.side != TradeSide.BUY:
                continue
            position = _new(session, session.account, trade.token, one.block)
        changes.append(_change(position, stored_totals(position).after(leg(trade)), last=trade, session=session))
    _store(changes)
    for change in changes:
        if change.last is not None:
            change.last.position = change.position


@transaction.atomic
def inherit_position(*, session: BotSession, token: str, quantity: int, cost: int, block: BlockRef) -> Position:
    """Takes a deposit over as an open position that cost ``cost`` quote units, say its worth now, so that exits see it.

    Again for the same token gives the position that is open. InsufficientBalance when the wallet holds less.
    """
    account = lock_account(session.account_id)
    if (existing := open_position(account.pk, token)) is not None:
        return existing
    if quantity <= 0 or balance(account, token) < quantity:
        raise InsufficientBalance(f"a position of {quantity} {token} cannot come out of the wallet")
    position = _new(session, account, token, block)
    position.inherited_quantity, position.inherited_cost = quantity, cost
    _store([_change(position, totals(position, []), last=None, session=session)])
    return position


def recompute(position: Position, *, session: BotSession) -> None:
    """Sets everything that follows from the position's trades; one that has none left is gone.

    ``session`` is the one whose trade was taken back.
    """
    trades = booked_trades(position)
    if not trades and position.inherited_quantity == 0:
        position.trades.update(position=None)
        position_changed(position=position, session=session, event="undone")
        position.delete()
        return
    last = trades[-1] if trades else None
    _store([_change(position, totals(position, trades), last=last, session=session)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A position as it is to be stored, what to call the change, and the trade and session that made it."""

    position: Position
    event: str
    last: PaperTrade | None
    session: BotSession


def _change(position: Position, now: PositionTotals, *, last: PaperTrade | None, session: BotSession) -> _Change:
    closed_by = last if now.is_closed else None
    position.quantity, position.bought = now.quantity, now.bought
    position.cost, position.proceeds, position.fees_quote = now.cost, now.proceeds, now.fees_quote
    position.status = PositionStatus.OPEN if closed_by is None else PositionStatus.CLOSED
    position.closed_block = None if closed_by is None else closed_by.block_number
    position.closed_at = None if closed_by is None else closed_by.block_time
    position.exit_reason = "" if closed_by is None else closed_by.exit_reason
    position.result = None if closed_by is None else now.result
    event = "opened" if position.pk is None else "changed" if closed_by is None else "closed"
    return _Change(position=position, event=event, last=last, session=session)


def _store(changes: Sequence[_Change]) -> None:
    insert_rows([change.position for change in changes if change.event == "opened"])
    kept = [change.position for change in changes if change.event != "opened"]
    write_values(Position, CHANGING, {one.pk: [getattr(one, column) for column in CHANGING] for one in kept})
    for change in changes:
        position_changed(position=change.position, session=change.session, event=change.event)


def _new(session: BotSession, account: PaperAccount, token: str, block: BlockRef) -> Position:
    return Position(
        session=session,
        account=account,
        generation=account.generation,
        token=token,
        opened_block=block.number,
        opened_at=datetime.fromtimestamp(block.timestamp, tz=UTC),
    )
