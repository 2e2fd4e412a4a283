"""Candles of any width, added up by the database from those of one minute."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, DateTimeField, Func, Max, Min, QuerySet, Sum
from django.db.models.sql.compiler import SQLCompiler

from api.statements import compiled
from trading.aggregates import ExactSum
from trading.models import Candle

MINUTE = 60
KEPT = 16
"""Statements of newest candles that the process keeps, one for each limit."""
WIDTHS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400}
"""Seconds by the name that charts use."""


class WideCandle(NamedTuple):
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
    market_id: int,
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
    minutes = Candle.objects.filter(market=market_id, token=token)
    if since is not None:
        minutes = minutes.filter(opened_at__gte=_floor(since, width))
    if until is not None:
        minutes = minutes.filter(opened_at__lt=until)
    if width != MINUTE:
        found = _added_up(minutes, width, limit)
    elif since is None and until is None:
        found = _wide(_newest(limit)(market_id, token))
    else:
        found = _wide(_minutes(minutes, limit))
    return found[::-1]


def _minutes(minutes: QuerySet[Candle], limit: int) -> QuerySet[Candle, Any]:
    # A number of minutes is read in a fraction of the time that reading a date takes.
    numbered = minutes.annotate(interval=IntervalNumber("opened_at", width=MINUTE)).order_by("-opened_at")
    return numbered.values_list("interval", *WideCandle._fields[1:])[:limit]


@lru_cache(maxsize=KEPT)
def _newest(limit: int) -> Callable[[int, str], list[Any]]:
    """What every chart begins with."""
    return compiled(lambda market_id, token: _minutes(Candle.objects.filter(market=market_id, token=token), limit))


def _wide(rows: Iterable[Any]) -> list[WideCandle]:
    return [WideCandle(_begin(interval, MINUTE), *values) for interval, *values in rows]


def _begin(interval: int, width: int) -> datetime:
    return datetime.fromtimestamp(interval * width, tz=UTC)


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
            opened_at=_begin(group["interval"], width),
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
