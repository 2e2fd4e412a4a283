from collections import defaultdict
from collections.abc import Collection

from django.db.models import Max

from dex.types import Address
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
    return open_positions([(account_id, token)]).get((account_id, token))


def open_positions(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], Position]:
    """By account id and token, those of ``keys`` that there are, in one statement."""
    accounts, tokens = {account_id for account_id, _ in keys}, {token for _, token in keys}
    rows = Position.objects.filter(account_id__in=accounts, token__in=tokens, status=PositionStatus.OPEN)
    found = {(row.account_id, row.token): row for row in rows}
    return {key: found[key] for key in keys if key in found}


def open_position_ids(account_ids: Collection[int]) -> dict[int, dict[Address, int]]:
    """The ids of the open positions of each account by token."""
    found: defaultdict[int, dict[Address, int]] = defaultdict(dict)
    rows = Position.objects.filter(account_id__in=account_ids, status=PositionStatus.OPEN)
    for account_id, token, pk in rows.values_list("account_id", "token", "pk"):
        found[account_id][Address(token)] = pk
    return found


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
