"""Results, added up: in all, by day, by token, by exit reason."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from api.errors import BadRequest
from api.parameters import moment, whole
from api.permissions import ReadScope
from api.views import ApiView
from paper_trading.api_views.find import require, user_of
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
from paper_trading.selectors.books import Books, books
from paper_trading.selectors.kept_results import by_day, by_exit, by_token, overall
from paper_trading.selectors.performance import Period

DEFAULT_DAYS, MOST_DAYS = 90, 366
KEPT = 64
"""Answers of each kind that the process keeps."""


class TotalsAnswerSchema(serializers.Serializer[Any]):
    """One row for each quote token on each chain."""

    results = TotalsSchema(many=True)


class DaysAnswerSchema(serializers.Serializer[Any]):
    """Oldest day first; days without results are left out. For those before, ask ``until`` the first one."""

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
            require(owned.accounts, user_id, wanted["account"])
        if wanted["session"] is not None:
            require(owned.sessions, user_id, wanted["session"])
        if wanted["since"] is not None and wanted["until"] is not None and wanted["since"] >= wanted["until"]:
            raise BadRequest("until comes after since", "until")
        return Period(
            user_id=user_id,
            account_id=wanted["account"],
            session_id=wanted["session"],
            since=wanted["since"],
            until=wanted["until"],
        )

    def answer(self, request: Request, kind: Callable[..., str], *options: int) -> HttpResponse:
        """Sums over all that was ever booked are taken once, and told again until something is booked."""
        period = self.period(request)
        text = kind(period, books(period.user_id), *options)
        return HttpResponse(text, content_type=JSONRenderer.media_type)


@lru_cache(maxsize=KEPT)
def _totals(period: Period, books: Books) -> str:
    return _text(shape_totals(overall(period, books)))


@lru_cache(maxsize=KEPT)
def _days(period: Period, books: Books, days: int) -> str:
    return _text(shape_days(by_day(days)(period, books)))


@lru_cache(maxsize=KEPT)
def _tokens(period: Period, books: Books) -> str:
    return _text(shape_tokens(by_token(period, books)))


@lru_cache(maxsize=KEPT)
def _exits(period: Period, books: Books) -> str:
    return _text(shape_exits(by_exit(period, books)))


def _text(rows: list[dict[str, Any]]) -> str:
    return json.dumps({"results": rows}, ensure_ascii=False, separators=(",", ":"))


class PerformanceApi(PerformanceView):
    @extend_schema(operation_id="performance_read", summary="Results in all", responses=TotalsAnswerSchema)
    def get(self, request: Request) -> HttpResponse:
        return self.answer(request, _totals)


class DailyApi(PerformanceView):
    parameters = {
        **PerformanceView.parameters,
        "days": whole(minimum=1, maximum=MOST_DAYS, default=DEFAULT_DAYS, description="the newest ones"),
    }

    @extend_schema(operation_id="performance_daily", summary="Results by day", responses=DaysAnswerSchema)
    def get(self, request: Request) -> HttpResponse:
        return self.answer(request, _days, self.query["days"])


class TokensApi(PerformanceView):
    @extend_schema(operation_id="performance_tokens", summary="Results by token", responses=TokensAnswerSchema)
    def get(self, request: Request) -> HttpResponse:
        return self.answer(request, _tokens)


class ExitsApi(PerformanceView):
    @extend_schema(operation_id="performance_exits", summary="Results by exit reason", responses=ExitsAnswerSchema)
    def get(self, request: Request) -> HttpResponse:
        return self.answer(request, _exits)
