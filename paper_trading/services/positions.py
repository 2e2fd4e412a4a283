"""Positions follow from trades: each booking computes them anew, so un-booking needs no second way."""

from datetime import UTC, datetime

from django.db import transaction

from dex.types import BlockRef
from paper_trading.errors import InsufficientBalance
from paper_trading.models import BotSession, PaperAccount, PaperTrade, Position, PositionStatus, TradeSide, TradeStatus
from paper_trading.selectors import balance, open_position
from paper_trading.selectors.positions import booked_trades, totals
from paper_trading.services.postings import lock_account


def position_for(trade: PaperTrade, account: PaperAccount, block: BlockRef) -> Position | None:
    """The open position that a booking belongs to; a filled buy opens one where there is none."""
    position = open_position(account.pk, trade.token)
    if position is None and trade.status == TradeStatus.FILLED and trade.side == TradeSide.BUY:
        return _open(trade.session, account, trade.token, block, inherited_quantity=0, inherited_cost=0)
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
    position = _open(session, account, token, block, inherited_quantity=quantity, inherited_cost=cost)
    recompute(position)
    return position


def recompute(position: Position) -> None:
    """Sets everything that follows from the position's trades; one that has none left is gone."""
    trades = booked_trades(position)
    if not trades and position.inherited_quantity == 0:
        position.trades.update(position=None)
        position.delete()
        return
    now = totals(position, trades)
    position.quantity, position.bought = now.quantity, now.bought
    position.cost, position.proceeds, position.fees_quote = now.cost, now.proceeds, now.fees_quote
    position.status = PositionStatus.CLOSED if now.is_closed else PositionStatus.OPEN
    position.closed_block = trades[-1].block_number if now.is_closed else None
    position.exit_reason = trades[-1].exit_reason if now.is_closed else ""
    position.result = now.result if now.is_closed else None
    position.save()


def _open(
    session: BotSession,
    account: PaperAccount,
    token: str,
    block: BlockRef,
    *,
    inherited_quantity: int,
    inherited_cost: int,
) -> Position:
    return Position.objects.create(
        session=session,
        account=account,
        generation=account.generation,
        token=token,
        inherited_quantity=inherited_quantity,
        inherited_cost=inherited_cost,
        opened_block=block.number,
        opened_at=datetime.fromtimestamp(block.timestamp, tz=UTC),
    )
