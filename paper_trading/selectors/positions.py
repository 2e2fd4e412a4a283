from django.db.models import Max

from paper_trading.models import (
    BOOKED_STATUSES,
    PaperTrade,
    Position,
    PositionStatus,
    TradeSide,
    TradeStatus,
)
from paper_trading.position_math import Leg, PositionTotals, add_up


def open_position(account_id: int, token: str) -> Position | None:
    return Position.objects.filter(account_id=account_id, token=token, status=PositionStatus.OPEN).first()


def booked_trades(position: Position) -> list[PaperTrade]:
    """The position's trades in the order in which they were booked, which need not be that of the decisions."""
    booked = position.trades.filter(status__in=BOOKED_STATUSES)
    return list(booked.annotate(booked=Max("receipts__sequence")).order_by("booked"))


def totals(position: Position, trades: list[PaperTrade]) -> PositionTotals:
    """What ``position`` must be after ``trades``."""
    return add_up(
        inherited_quantity=position.inherited_quantity,
        inherited_cost=position.inherited_cost,
        legs=[leg(trade) for trade in trades],
    )


def stored_totals(position: Position) -> PositionTotals:
    """What the row says; ``check_ledger`` holds it against ``totals``. A new position starts with what it inherits."""
    return PositionTotals(
        quantity=position.quantity,
        bought=position.bought,
        cost=position.cost,
        proceeds=position.proceeds,
        fees_quote=position.fees_quote,
    )


def leg(trade: PaperTrade) -> Leg:
    if trade.status != TradeStatus.FILLED or trade.amount_out is None:
        return Leg(quantity=0, quote=0, gas_quote=trade.gas_quote)
    if trade.side == TradeSide.BUY:
        return Leg(quantity=trade.amount_out, quote=trade.amount_in, gas_quote=trade.gas_quote)
    return Leg(quantity=-trade.amount_in, quote=trade.amount_out, gas_quote=trade.gas_quote)
