"""A position as the API shows it, with what selling all of it would have brought at the bot's last block."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from paper_trading.api_views.shapes.parts import (
    AccountRefSchema,
    Money,
    TokenRefSchema,
    account_ref,
    bps,
    chain_of,
    moment,
)
from paper_trading.models import Position, PositionStatus
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


class PositionDetailSchema(PositionSchema):
    """``trades`` are those that made it, in their order."""

    trades = serializers.ListField(child=serializers.IntegerField())


def shape_positions(positions: Sequence[Position]) -> list[dict[str, Any]]:
    """``positions`` come with their accounts; two queries at most."""
    worths = exit_worths(positions)
    tokens = ((position.account, position.token) for position in positions)
    money = Money((position.account for position in positions), tokens)
    return [_shape(position, money, worths) for position in positions]


def _shape(position: Position, money: Money, worths: Mapping[int, Worth]) -> dict[str, Any]:
    account = position.account
    return {
        "id": position.pk,
        "chain": chain_of(account),
        "account": account_ref(account),
        "session": position.session_id,
        "token": money.token(account, position.token),
        "status": str(position.status),
        "quantity": money.of(account, position.token, position.quantity),
        "bought": money.of(account, position.token, position.bought),
        "cost": money.quote(account, position.cost),
        "remaining_cost": money.quote(account, position.remaining_cost),
        "proceeds": money.quote(account, position.proceeds),
        "gas": money.quote(account, position.fees_quote),
        "peak_worth": money.quote(account, position.peak_worth),
        **_results(position, money, worths.get(position.pk)),
        "exit_reason": position.exit_reason,
        "opened_block": position.opened_block,
        "opened_at": moment(position.opened_at),
        "closed_block": position.closed_block,
    }


def _results(position: Position, money: Money, worth: Worth | None) -> dict[str, Any]:
    account, cost = position.account, position.cost
    exit_worth = None if worth is None else worth.amount
    unrealised = None if exit_worth is None else exit_worth - position.remaining_cost
    realised = position.proceeds - (cost - position.remaining_cost) - position.fees_quote
    return {
        "exit_worth": money.quote(account, exit_worth),
        "worth_block": None if worth is None else worth.block_number,
        "unrealised": money.quote(account, unrealised),
        "unrealised_bps": bps(unrealised, cost),
        "realised": money.quote(account, realised),
        "realised_bps": bps(realised, cost),
        "result": money.quote(account, position.result),
        "result_bps": bps(position.result, cost),
    }
