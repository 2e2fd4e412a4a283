"""Results, added up: in all, by day, by token, by exit reason."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import BadRequest
from api.parameters import moment, whole
from api.permissions import ReadScope
from api.views import ApiView
from paper_trading.api_views.find import find, user_of
from paper_trading.api_views.shapes.performance import (
    DayTotalsSchema,
    ExitTotalsSchema,
    TokenTotalsSchema,
    TotalsSchema,
    shape_days,
    shape_exits,
    shape_tokens,
    shape_totals,
)
from paper_trading.selectors import owned
from paper_trading.selectors.performance import Period, by_exit, by_token, daily, overall


class TotalsAnswerSchema(serializers.Serializer[Any]):
    """One row for each quote token on each chain."""

    results = TotalsSchema(many=True)


class DaysAnswerSchema(serializers.Serializer[Any]):
    """Oldest day first."""

    results = DayTotalsSchema(many=True)


class TokensAnswerSchema(serializers.Serializer[Any]):
    results = TokenTotalsSchema(many=True)


class ExitsAnswerSchema(serializers.Serializer[Any]):
    results = ExitTotalsSchema(many=True)


class PerformanceView(ApiView):
    permission_classes = [ReadScope]
    parameters = {
        "account": whole(minimum=1, description="the account's id"),
        "session": whole(minimum=1, description="the session's id"),
        "since": moment(description="from this block time on"),
        "until": moment(description="before this block time"),
    }

    def period(self, request: Request) -> Period:
        user_id, wanted = user_of(request).pk, self.query
        if wanted["account"] is not None:
            find(owned.accounts(user_id), wanted["account"])
        if wanted["session"] is not None:
            find(owned.sessions(user_id), wanted["session"])
        if wanted["since"] is not None and wanted["until"] is not None and wanted["since"] >= wanted["until"]:
            raise BadRequest("until comes after since", "until")
        return Period(
            user_id=user_id,
            account_id=wanted["account"],
            session_id=wanted["session"],
            since=wanted["since"],
            until=wanted["until"],
        )


class PerformanceApi(PerformanceView):
    @extend_schema(operation_id="performance_read", summary="Results in all", responses=TotalsAnswerSchema)
    def get(self, request: Request) -> Response:
        return Response({"results": shape_totals(overall(self.period(request)))})


class DailyApi(PerformanceView):
    @extend_schema(operation_id="performance_daily", summary="Results by day", responses=DaysAnswerSchema)
    def get(self, request: Request) -> Response:
        return Response({"results": shape_days(daily(self.period(request)))})


class TokensApi(PerformanceView):
    @extend_schema(operation_id="performance_tokens", summary="Results by token", responses=TokensAnswerSchema)
    def get(self, request: Request) -> Response:
        return Response({"results": shape_tokens(by_token(self.period(request)))})


class ExitsApi(PerformanceView):
    @extend_schema(operation_id="performance_exits", summary="Results by exit reason", responses=ExitsAnswerSchema)
    def get(self, request: Request) -> Response:
        return Response({"results": shape_exits(by_exit(self.period(request)))})
