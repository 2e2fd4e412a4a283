"""Orders by hand: buy, sell, exit all, and what became of them."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.amounts import AmountRaw, AmountText
from api.inputs import Input, Line, NoInput, body
from api.lists import ListApi
from api.permissions import ReadScope
from api.views import ApiView
from paper_trading.api_views.bot_inputs import MOST_SYMBOL
from paper_trading.api_views.filters import one_of
from paper_trading.api_views.find import find_row, require, user_of
from paper_trading.api_views.idempotency import idempotency_key, key_parameter
from paper_trading.api_views.sessions import OneSessionApi
from paper_trading.api_views.shapes.commands import CommandSchema, shape_commands
from paper_trading.models import CommandKind, CommandStatus, SessionCommand
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row
from paper_trading.services.control import order_by_hand
from paper_trading.services.hand_orders import order_token

KEY_PARAMETER = key_parameter("With the same key, the same session has the same command, however often it is sent.")


class TradeInput(Input):
    """``token`` is a symbol or an address. ``amount`` is whole tokens of what is given (the quote token for a buy, the
    token for a sale), ``amount_raw`` the same in base units; a sale without either sells all of the position."""

    token = Line(max_length=MOST_SYMBOL)
    amount = AmountText(required=False)
    amount_raw = AmountRaw(required=False)


class HandApi(OneSessionApi):
    def order(self, request: Request, pk: int, kind: CommandKind) -> Response:
        key = idempotency_key(request)
        wanted = body(request, TradeInput)
        command = order_token(
            session=self.session(request, pk),
            user=user_of(request),
            kind=kind,
            token=wanted["token"],
            amount=wanted.get("amount"),
            amount_raw=wanted.get("amount_raw"),
            key=key,
        )
        return _accepted(request, command)


class BuyApi(HandApi):
    @extend_schema(
        operation_id="sessions_buy",
        summary="Buy at the session's next block",
        parameters=[KEY_PARAMETER],
        request=TradeInput,
        responses={202: CommandSchema},
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.order(request, pk, CommandKind.BUY)


class SellApi(HandApi):
    @extend_schema(
        operation_id="sessions_sell",
        summary="Sell at the session's next block",
        parameters=[KEY_PARAMETER],
        request=TradeInput,
        responses={202: CommandSchema},
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.order(request, pk, CommandKind.SELL)


class ExitAllApi(OneSessionApi):
    @extend_schema(
        operation_id="sessions_exit_all",
        summary="Sell every open position at the session's next block",
        parameters=[KEY_PARAMETER],
        request=NoInput,
        responses={202: CommandSchema},
    )
    def post(self, request: Request, pk: int) -> Response:
        key = idempotency_key(request)
        body(request, NoInput)
        session = self.session(request, pk)
        command = order_by_hand(session=session, user=user_of(request), kind=CommandKind.EXIT_ALL, key=key)
        return _accepted(request, command)


class SessionCommandsApi(ListApi):
    permission_classes = [ReadScope]
    operation = "sessions_commands_list"
    summary = "What its owner told a session to trade, newest first"
    rows = owned.commands_of_session
    row = CommandSchema
    filters = {
        "status": one_of("status", list(CommandStatus)),
        "kind": one_of("kind", list(CommandKind)),
    }
    orderings = {"id": "id", "created_at": "created_at"}

    def check(self, user_id: int) -> None:
        require(owned.sessions, user_id, self.kwargs["pk"])

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_commands(rows)


class CommandApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="commands_read", summary="One order by hand", responses=CommandSchema)
    def get(self, request: Request, pk: int) -> Response:
        command = find_row(owned.command_rows, user_of(request).pk, pk)
        return Response(shape_commands([command])[0])


def _accepted(request: Request, command: SessionCommand) -> Response:
    row = find_row(owned.command_rows, user_of(request).pk, command.pk)
    return Response(shape_commands([row])[0], status=202)
