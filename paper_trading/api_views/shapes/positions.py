"""A position as the API shows it, with what selling all of it would have brought at the bot's last block."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from api.times import moment
from paper_trading.api_views.shapes.parts import AccountRefSchema, Money, TokenRefSchema, account_ref, bps
from paper_trading.models import PositionStatus
from paper_trading.models.position import remaining_cost
from paper_trading.selectors.rows import Holder, Row, holder_of
from paper_trading.selectors.worths import Worth, exit_worths


class PositionSchema(serializers.Serializer[Any]):
    """``exit_worth`` is what selling all of it would bring, as of ``worth_block``; null where it cannot be sold whole,
    or no session has looked yet. ``unrealised`` is ``exit_worth`` less ``remaining_cost``; ``realised`` is what was
    sold for, less what that had cost, less the gas of every trade so far. In bps they are of ``cost``. ``result`` is
    known once it is closed; a reset of the account closes a position without one."""

    id = serializers.IntegerField()
    chain = serializers.CharField()
    account = AccountRefSchema()
    session = serializers.IntegerField()
    token = TokenRefSchema()
    status = serializers.ChoiceField(choices=PositionStatus.choices)
    quantity = AmountSchema()
    bought = AmountSchema()
    cost = AmountSchema()
    remaining_cost = AmountSchema()
    proceeds = AmountSchema()
    gas = AmountSchema()
    peak_worth = AmountSchema()
    exit_worth = AmountSchema(allow_null=True)
    worth_block = serializers.IntegerField(allow_null=True)
    unrealised = AmountSchema(allow_null=True)
    unrealised_bps = serializers.IntegerField(allow_null=True)
    realised = AmountSchema()
    realised_bps = serializers.IntegerField(allow_null=True)
    result = AmountSchema(allow_null=True)
    result_bps = serializers.IntegerField(allow_null=True)
    exit_reason = serializers.CharField(allow_blank=True)
    opened_block = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    closed_block = serializers.IntegerField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class PositionDetailSchema(PositionSchema):
    """``trades`` are those that made it, in their order."""

    trades = serializers.ListField(child=serializers.IntegerField())


def shape_positions(positions: Sequence[Row]) -> list[dict[str, Any]]:
    """``positions`` are rows of ``rows.POSITION``; two queries at most."""
    rows = [(position, holder_of(position)) for position in positions]
    worths = exit_worths({row.id: holder.pk for row, holder in rows if row.status == PositionStatus.OPEN})
    money = Money((holder for _, holder in rows), ((holder, row.token) for row, holder in rows))
    return [_shape(row, holder, money, worths.get(row.id)) for row, holder in rows]


def _shape(position: Row, holder: Holder, money: Money, worth: Worth | None) -> dict[str, Any]:
    remaining = remaining_cost(cost=position.cost, quantity=position.quantity, bought=position.bought)
    return {
        "id": position.id,
        "chain": money.chain(holder),
        "account": account_ref(holder),
        "session": position.session_id,
        "token": money.token(holder, position.token),
        "status": position.status,
        "quantity": money.of(holder, position.token, position.quantity),
        "bought": money.of(holder, position.token, position.bought),
        "cost": money.quote(holder, position.cost),
        "remaining_cost": money.quote(holder, remaining),
        "proceeds": money.quote(holder, position.proceeds),
        "gas": money.quote(holder, position.fees_quote),
        "peak_worth": money.quote(holder, position.peak_worth),
        **_results(position, remaining, holder, money, worth),
        "exit_reason": position.exit_reason,
        "opened_block": position.opened_block,
        "opened_at": moment(position.opened_at),
        "closed_block": position.closed_block,
        "closed_at": moment(position.closed_at),
    }


def _results(position: Row, remaining: int, holder: Holder, money: Money, worth: Worth | None) -> dict[str, Any]:
    cost = position.cost
    exit_worth = None if worth is None else worth.amount
    unrealised = None if exit_worth is None else exit_worth - remaining
    realised = position.proceeds - (cost - remaining) - position.fees_quote
    return {
        "exit_worth": money.quote(holder, exit_worth),
        "worth_block": None if worth is None else worth.block_number,
        "unrealised": money.quote(holder, unrealised),
        "unrealised_bps": bps(unrealised, cost),
        "realised": money.quote(holder, realised),
        "realised_bps": bps(realised, cost),
        "result": money.quote(holder, position.result),
        "result_bps": bps(position.result, cost),
    }
