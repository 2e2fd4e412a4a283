"""An owner's order to a session as the API shows it."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from api.times import moment
from paper_trading.api_views.shapes.parts import Money, TokenRefSchema
from paper_trading.models import CommandKind, CommandStatus
from paper_trading.selectors.rows import Holder, Row, holder_of


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


def shape_commands(commands: Sequence[Row]) -> list[dict[str, Any]]:
    """``commands`` are rows of ``rows.COMMAND``; one query at most."""
    rows = [(command, holder_of(command)) for command in commands]
    money = Money(
        (holder for _, holder in rows), ((holder, command.token) for command, holder in rows if command.token)
    )
    return [_shape(command, holder, money) for command, holder in rows]


def _shape(command: Row, holder: Holder, money: Money) -> dict[str, Any]:
    given = holder.quote_token if command.kind == CommandKind.BUY else command.token
    return {
        "id": command.id,
        "session": command.session_id,
        "kind": command.kind,
        "token": money.token(holder, command.token) if command.token else None,
        "amount": money.of(holder, given, command.amount),
        "key": command.key,
        "status": command.status,
        "reason": command.reason,
        "trades": list(command.trades),
        "created_at": moment(command.created_at),
        "done_at": moment(command.done_at),
    }
