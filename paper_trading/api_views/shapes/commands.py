"""An owner's order to a session as the API shows it."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from paper_trading.api_views.shapes.parts import Money, TokenRefSchema, moment
from paper_trading.models import CommandKind, CommandStatus, SessionCommand


class CommandSchema(serializers.Serializer[Any]):
    """``amount`` is what is given: the quote token for a buy, the token for a sale; null for all of the position.
    ``trades`` are the orders that came of it."""

    id = serializers.IntegerField()
    session = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CommandKind.choices)
    token = TokenRefSchema(allow_null=True)
    amount = AmountSchema(allow_null=True)
    key = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=CommandStatus.choices)
    reason = serializers.CharField(allow_blank=True)
    trades = serializers.ListField(child=serializers.IntegerField())
    created_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


def shape_commands(commands: Sequence[SessionCommand]) -> list[dict[str, Any]]:
    """``commands`` come with session and account."""
    money = Money(
        (command.session.account for command in commands),
        ((command.session.account, command.token) for command in commands if command.token),
    )
    return [_shape(command, money) for command in commands]


def _shape(command: SessionCommand, money: Money) -> dict[str, Any]:
    account = command.session.account
    given = account.quote_token if command.kind == CommandKind.BUY else command.token
    return {
        "id": command.pk,
        "session": command.session_id,
        "kind": str(command.kind),
        "token": money.token(account, command.token) if command.token else None,
        "amount": money.of(account, given, command.amount),
        "key": command.key,
        "status": str(command.status),
        "reason": command.reason,
        "trades": list(command.trades),
        "created_at": moment(command.created_at),
        "done_at": moment(command.done_at),
    }
