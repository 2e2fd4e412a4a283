"""Trades, their receipts, and computing them again."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import NoInput, body
from api.lists import Filter, ListApi, Rows
from api.parameters import flag, line
from api.permissions import ReadScope
from api.statements import compiled
from api.views import ApiView
from paper_trading.api_views.filters import TOKEN, blocks, of_account, of_session, one_of
from paper_trading.api_views.find import find, find_row, user_of
from paper_trading.api_views.shapes.parts import Money
from paper_trading.api_views.shapes.receipts import shape_receipts
from paper_trading.api_views.shapes.trades import (
    TradeDetailSchema,
    TradeSchema,
    both_tokens,
    plan_tokens,
    shape_plan,
    shape_trade,
    shape_trades,
)
from paper_trading.models import TradeSide, TradeStatus
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.services.verify import Verdict
from paper_trading.services.verify_trade import verify_trade

MOST_REASON = 80


def _of_token(rows: Rows, value: list[str], request: Request) -> Rows:
    return rows.filter(Q(token_in__in=value) | Q(token_out__in=value))


class TradesApi(ListApi):
    permission_classes = [ReadScope]
    operation = "trades_list"
    summary = "All orders and what became of them, newest first"
    rows = owned.trade_rows
    row = TradeSchema
    csv_name = "trades"
    filters = {
        "session": of_session(),
        "account": of_account(),
        "token": Filter(parameter=TOKEN, lookup=_of_token),
        "side": one_of("side", list(TradeSide)),
        "status": one_of("status", list(TradeStatus)),
        "exit_reason": Filter(parameter=line(longest=MOST_REASON), lookup="exit_reason"),
        "disputed": Filter(parameter=flag(), lookup="disputed"),
        **blocks("block_number"),
    }

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_trades(rows)


class TradeApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(
        operation_id="trades_read",
        summary="One trade with its plan, its costs and its receipts",
        responses=TradeDetailSchema,
    )
    def get(self, request: Request, pk: int) -> Response:
        user_id = user_of(request).pk
        trade = find_row(owned.whole_trade_rows, user_id, pk)
        holder = holder_of(trade)
        money = Money([holder], ((holder, token) for token in (*both_tokens(trade), *plan_tokens(trade))))
        return Response(
            {
                **shape_trade(trade, holder, money),
                "plan": shape_plan(trade, holder, money),
                "receipts": shape_receipts(_receipts(user_id, pk)),
            }
        )


@compiled
def _receipts(user_id: int, trade_id: int) -> Rows:
    return owned.receipts_of_trade(user_id, trade_id).order_by("sequence")


class VerdictSchema(serializers.Serializer[Any]):
    """One receipt computed again. ``ok`` is null where the node cannot say; ``problems`` are one line each and
    ``witness`` is who agreed this time."""

    receipt = serializers.IntegerField()
    hash = serializers.CharField()
    block_number = serializers.IntegerField()
    status = serializers.CharField()
    ok = serializers.BooleanField(allow_null=True)
    witness = serializers.CharField(allow_blank=True)
    problems = serializers.ListField(child=serializers.CharField())


class VerifiedSchema(serializers.Serializer[Any]):
    """``ok`` where every receipt came out as it was written, null where the node cannot say of one."""

    trade = serializers.IntegerField()
    ok = serializers.BooleanField(allow_null=True)
    checks = VerdictSchema(many=True)


class VerifyApi(ApiView):
    waits_for_others = True
    permission_classes = [ReadScope]

    @extend_schema(
        operation_id="trades_verify",
        summary="Compute a trade's receipts again from the node",
        request=NoInput,
        responses=VerifiedSchema,
    )
    def post(self, request: Request, pk: int) -> Response:
        body(request, NoInput)
        verdicts = verify_trade(find(owned.trades, user_of(request).pk, pk))
        seen = {verdict.ok for verdict in verdicts}
        ok = False if False in seen else None if None in seen else True
        return Response({"trade": pk, "ok": ok, "checks": [_verdict(verdict) for verdict in verdicts]})


def _verdict(verdict: Verdict) -> dict[str, Any]:
    receipt = verdict.receipt
    return {
        "receipt": receipt.pk,
        "hash": receipt.hash,
        "block_number": receipt.block_number,
        "status": receipt.status,
        "ok": verdict.ok,
        "witness": verdict.witness,
        "problems": list(verdict.problems),
    }
