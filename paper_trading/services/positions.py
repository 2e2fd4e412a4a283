"""Positions follow from trades: a booking adds its trade, un-booking computes anew from the trades that are left."""

from datetime import UTC, datetime

from django.db import transaction

from dex.types import BlockRef
from paper_trading.errors import InsufficientBalance
from paper_trading.models import BotSession, PaperAccount, PaperTrade, Position, PositionStatus, TradeSide, TradeStatus
from paper_trading.position_math import PositionTotals
from paper_trading.selectors import balance, open_position
from paper_trading.selectors.positions import booked_trades, leg, stored_totals, totals
from paper_trading.services.announcements import position_changed
from paper_trading.services.wallet import lock_account


def book_leg(*, trade: PaperTrade, session: BotSession, account: PaperAccount, block: BlockRef) -> Position | None:
    """Adds ``trade``, whose outcome is known, to the open position of its token; a filled buy opens one.

    Raises PositionExceeded. The position it belongs to comes back stored, None where it belongs to none.
    """
    position = open_position(account.pk, trade.token)
    if position is None:
        if trade.status != TradeStatus.FILLED or trade.side != TradeSide.BUY:
            return None
        position = _new(session, account, trade.token, block)
    _take(position, stored_totals(position).after(leg(trade)), last=trade, session=session)
    return position


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
    _take(position, totals(position, []), last=None, session=session)
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
    _take(position, totals(position, trades), last=trades[-1] if trades else None, session=session)


def _take(position: Position, now: PositionTotals, *, last: PaperTrade | None, session: BotSession) -> None:
    closed_by = last if now.is_closed else None
    position.quantity, position.bought = now.quantity, now.bought
    position.cost, position.proceeds, position.fees_quote = now.cost, now.proceeds, now.fees_quote
    position.status = PositionStatus.OPEN if closed_by is None else PositionStatus.CLOSED
    position.closed_block = None if closed_by is None else closed_by.block_number
    position.closed_at = None if closed_by is None else closed_by.block_time
    position.exit_reason = "" if closed_by is None else closed_by.exit_reason
    position.result = None if closed_by is None else now.result
    event = "opened" if position.pk is None else "changed" if closed_by is None else "closed"
    position.save()
    position_changed(position=position, session=session, event=event)


def _new(session: BotSession, account: PaperAccount, token: str, block: BlockRef) -> Position:
    return Position(
        session=session,
        account=account,
        generation=account.generation,
        token=token,
        opened_block=block.number,
        opened_at=datetime.fromtimestamp(block.timestamp, tz=UTC),
    )
