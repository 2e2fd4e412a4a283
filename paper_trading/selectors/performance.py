"""How well it went, added up by the database: a constant number of queries, however many trades there are.

A *round trip* is a closed position whose result is known; it counts on the day, and for the session, of the sale that
closed it. Costs count where and when their trade was booked. Amounts are base units of the quote token, and rows of
different quote tokens are never added up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate

from paper_trading.models import (
    BOOKED_STATUSES,
    PaperTrade,
    Position,
    PositionStatus,
    TradeSide,
    TradeStatus,
)
from paper_trading.selectors import owned
from paper_trading.selectors.books import Changes
from trading.aggregates import ExactSum

Group = tuple[int, str, Any]
"""Chain id, quote token, key."""

WON, LOST, EVEN = "won", "lost", "even"
CHAIN, QUOTE, KEY = "account__chain_id", "account__quote_token", "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whose results, of what, and from ``since`` until before ``until`` by block time; None leaves a limit out."""

    user_id: int
    account_id: int | None = None
    session_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """``profit`` and ``loss`` (not above 0) add up to ``realised``, which is after every cost of the round trips.

    ``gas_quote``, ``pool_fees``, ``impact``, ``drift`` (above 0: against us) and ``volume`` are of all booked trades,
    ``gas_wei`` is their gas in wei.
    """

    round_trips: int = 0
    wins: int = 0
    losses: int = 0
    realised: int = 0
    profit: int = 0
    loss: int = 0
    trades: int = 0
    buys: int = 0
    sells: int = 0
    reverted: int = 0
    volume: int = 0
    gas_quote: int = 0
    gas_wei: int = 0
    pool_fees: int = 0
    impact: int = 0
    drift: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(**{part.name: getattr(self, part.name) + getattr(other, part.name) for part in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``key`` is what the row is of: a date, a token's address, a reason, or the empty text for all."""

    chain_id: int
    quote_token: str
    key: Any
    totals: Totals


def overall(by_token: Iterable[Row]) -> list[Row]:
    """One row for each quote token on each chain, out of the rows of all tokens."""
    return merged(replace(row, key="") for row in by_token)


def daily(period: Period, changes: Changes | None = None, *, days: int) -> list[Row]:
    """A row for each day (UTC) with results of the ``days`` that end with the newest such day. Where ``changes`` are
    given it is of these alone, as in all of these questions, and the days are not counted."""
    if changes is None:
        newest = max(_newest_times(period), default=None)
        if newest is None:
            return []
        first = newest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
        period = replace(period, since=first if period.since is None else max(first, period.since))
    return _rows(period, changes, of_closed=TruncDate("closed_at"), of_trades=TruncDate("block_time"))


def by_token(period: Period, changes: Changes | None = None) -> list[Row]:
    traded = Case(When(side=TradeSide.BUY, then=F("token_out")), default=F("token_in"), output_field=CharField())
    return _rows(period, changes, of_closed=F("token"), of_trades=traded)


def by_exit(period: Period, changes: Changes | None = None) -> list[Row]:
    """By the reason of the sale that closed the round trip; the costs are those of the sales with that reason."""
    reason = F("exit_reason")
    return _rows(period, changes, of_closed=reason, of_trades=reason, trades=Q(side=TradeSide.SELL))


def merged(rows: Iterable[Row]) -> list[Row]:
    """Rows of the same chain, quote token and key are added up; sorted by these, so that days are oldest first."""
    groups: dict[Group, list[Totals]] = {}
    for row in rows:
        groups.setdefault((row.chain_id, row.quote_token, row.key), []).append(row.totals)
    return [
        Row(chain_id=chain_id, quote_token=quote, key=key, totals=reduce(add, groups[chain_id, quote, key]))
        for chain_id, quote, key in sorted(groups)
    ]


def _rows(
    period: Period,
    changes: Changes | None,
    *,
    of_closed: Combinable,
    of_trades: Combinable,
    trades: Q | None = None,
) -> list[Row]:
    booked, closed = _booked(period).filter(Q() if trades is None else trades), _closed(period, changes)
    if changes is not None:
        booked = booked.filter(pk__in=changes.trades)
    outcomes = _outcomes(closed, of_closed) if changes is None or changes.closed else ()
    return merged([*outcomes, *_costs(booked, of_trades)])


def _newest_times(period: Period) -> list[datetime]:
    """When each account of the period booked last; one look-up each through the index trade_by_time."""
    accounts = owned.accounts(period.user_id)
    if period.account_id is not None:
        accounts = accounts.filter(pk=period.account_id)
    if period.session_id is not None:
        accounts = accounts.filter(sessions=period.session_id)
    booked = _booked(period).filter(account=OuterRef("pk")).order_by("-block_time").values("block_time")[:1]
    return [at for at in accounts.values_list(Subquery(booked), flat=True) if at is not None]


def _booked(period: Period) -> QuerySet[PaperTrade]:
    booked = PaperTrade.objects.filter(
        _within(period, "block_time"), account__user=period.user_id, status__in=BOOKED_STATUSES
    )
    if period.account_id is not None:
        booked = booked.filter(account=period.account_id)
    if period.session_id is not None:
        booked = booked.filter(session=period.session_id)
    return booked


def _closed(period: Period, changes: Changes | None) -> QuerySet[Position]:
    """The round trips."""
    closed = Position.objects.filter(
        _within(period, "closed_at"),
        account__user=period.user_id,
        status=PositionStatus.CLOSED,
        result__isnull=False,
    )
    if changes is not None:
        closed = closed.filter(pk__in=changes.closed)
    if period.account_id is not None:
        closed = closed.filter(account=period.account_id)
    if period.session_id is not None:
        closed = closed.filter(pk__in=_closed_by(period.session_id, changes))
    return closed


def _closed_by(session_id: int, changes: Changes | None) -> QuerySet[PaperTrade, int | None]:
    """The positions of which the session sold the last unit, whoever bought the first."""
    sales = PaperTrade.objects.filter(session=session_id, status=TradeStatus.FILLED, side=TradeSide.SELL)
    if changes is not None:
        sales = sales.filter(pk__in=changes.trades)
    return sales.filter(block_number=F("position__closed_block")).values_list("position", flat=True)


def _within(period: Period, moment: str) -> Q:
    limits = Q()
    if period.since is not None:
        limits &= Q(**{f"{moment}__gte": period.since})
    if period.until is not None:
        limits &= Q(**{f"{moment}__lt": period.until})
    return limits


def _outcomes(closed: QuerySet[Position], key: Combinable) -> Iterable[Row]:
    outcome = Case(When(result__gt=0, then=Value(WON)), When(result__lt=0, then=Value(LOST)), default=Value(EVEN))
    grouped = closed.annotate(key=key, outcome=outcome).order_by().values(CHAIN, QUOTE, KEY, "outcome")
    for row in grouped.annotate(count=Count("pk"), realised=ExactSum("result")):
        count, realised = row["count"], row["realised"]
        won, lost = row["outcome"] == WON, row["outcome"] == LOST
        yield _row(
            row,
            Totals(
                round_trips=count,
                wins=count if won else 0,
                losses=count if lost else 0,
                realised=realised,
                profit=realised if won else 0,
                loss=realised if lost else 0,
            ),
        )


def _costs(booked: QuerySet[PaperTrade], key: Combinable) -> Iterable[Row]:
    grouped = booked.annotate(key=key).order_by().values(CHAIN, QUOTE, KEY, "status", "side")
    rows = grouped.annotate(
        count=Count("pk"),
        paid=ExactSum("amount_in"),
        received=ExactSum("amount_out"),
        gas=ExactSum("gas_quote"),
        wei=ExactSum("fee_paid"),
        pool_fees=ExactSum("pool_fee_quote"),
        impact=ExactSum("impact_quote"),
        drift=ExactSum("drift_quote"),
    )
    for row in rows:
        yield _row(row, _trade_totals(row))


def _trade_totals(row: Mapping[str, Any]) -> Totals:
    count = row["count"]
    if row["status"] == TradeStatus.REVERTED:
        return Totals(trades=count, reverted=count, gas_quote=row["gas"], gas_wei=row["wei"])
    bought = row["side"] == TradeSide.BUY
    return Totals(
        trades=count,
        buys=count if bought else 0,
        sells=0 if bought else count,
        volume=row["paid"] if bought else row["received"],
        gas_quote=row["gas"],
        gas_wei=row["wei"],
        pool_fees=row["pool_fees"],
        impact=row["impact"],
        drift=row["drift"],
    )


def _row(row: Mapping[str, Any], totals: Totals) -> Row:
    return Row(chain_id=row[CHAIN], quote_token=row[QUOTE], key=row[KEY], totals=totals)
