"""Candles of any width, added up by the database from those of one minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, DateTimeField, Func, Max, Min, QuerySet, Sum
from django.db.models.sql.compiler import SQLCompiler

from trading.aggregates import ExactSum
from trading.models import Candle, Market

MINUTE = 60
WIDTHS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400}
"""Seconds by the name that charts use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WideCandle:
    """``opened_at`` is the start of the interval, in UTC; ``volume`` is base units of the token."""

    opened_at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int
    trades: int


class IntervalNumber(Func):
    """How many intervals of ``width`` seconds lie between 1970 and a time."""

    output_field: Any = BigIntegerField()

    def __init__(self, expression: str, *, width: int) -> None:
        super().__init__(expression)
        self.width = int(width)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(
            compiler, connection, template=f"FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / {self.width})::bigint"
        )

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(
            compiler, connection, template=f"CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / {self.width}"
        )


def candles(
    *,
    market: Market,
    token: str,
    interval: str,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Sequence[WideCandle]:
    """The newest ``limit`` candles that begin within [``since``, ``until``), oldest first; two queries at most.

    Minutes without a price make no candle. The oldest is whole even where ``since`` lies within it.
    """
    width = WIDTHS[interval]
    minutes = Candle.objects.filter(market=market, token=token)
    if since is not None:
        minutes = minutes.filter(opened_at__gte=_floor(since, width))
    if until is not None:
        minutes = minutes.filter(opened_at__lt=until)
    found = _minutes(minutes, limit) if width == MINUTE else _added_up(minutes, width, limit)
    return found[::-1]


def _minutes(minutes: QuerySet[Candle], limit: int) -> list[WideCandle]:
    rows = minutes.order_by("-opened_at").values("opened_at", "open", "high", "low", "close", "volume", "trades")
    return [WideCandle(**row) for row in rows[:limit]]


def _added_up(minutes: QuerySet[Candle], width: int, limit: int) -> list[WideCandle]:
    # No interval has more candles than minutes, so these hold all of the newest ``limit`` intervals and few others.
    newest = minutes.order_by("-opened_at").values("pk")[: limit * (width // MINUTE)]
    groups = list(
        Candle.objects.filter(pk__in=newest)
        .annotate(interval=IntervalNumber("opened_at", width=width))
        .values("interval")
        .annotate(
            first=Min("opened_at", output_field=DateTimeField()),
            last=Max("opened_at", output_field=DateTimeField()),
            highest=Max("high"),
            lowest=Min("low"),
            exchanged=ExactSum("volume"),
            swaps=Sum("trades"),
        )
        .order_by("-interval")[:limit]
    )
    ends = {group["first"] for group in groups} | {group["last"] for group in groups}
    edges = {
        at: (opened, closed)
        for at, opened, closed in minutes.filter(opened_at__in=ends).values_list("opened_at", "open", "close")
    }
    return [
        WideCandle(
            opened_at=datetime.fromtimestamp(group["interval"] * width, tz=UTC),
            open=edges[group["first"]][0],
            high=group["highest"],
            low=group["lowest"],
            close=edges[group["last"]][1],
            volume=group["exchanged"],
            trades=group["swaps"],
        )
        for group in groups
    ]


def _floor(at: datetime, width: int) -> datetime:
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % width, tz=UTC)
