"""What a session did, added up from its trades: for the end of a run, the API and the dashboard."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max, OuterRef, Subquery

from paper_trading.models import (
    BOOKED_STATUSES,
    BotSession,
    Decision,
    FillReceipt,
    PaperTrade,
    Position,
    PositionStatus,
    TradeSide,
    TradeStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """Amounts are base units of the quote token, ``gas_wei`` wei.

    ``round_trips``, ``wins`` and ``realised`` are of the positions that a trade of the session closed.
    ``pool_fees`` and ``impact`` are what the pools kept and what the size moved, against the mid price of each fill's
    block; ``drift`` is what the market moved between decision and fill (above 0: against us).
    """

    statuses: Mapping[str, int]
    sides: Mapping[str, int]
    witnesses: Mapping[str, int]
    exits: Mapping[str, int]
    round_trips: int
    wins: int
    realised: int
    pool_fees: int
    impact: int
    drift: int
    gas_quote: int
    gas_wei: int
    volume: int
    decisions: int
    decision_rows: int
    holds: Mapping[str, int]


def summarise(session: BotSession) -> SessionSummary:
    trades = list(PaperTrade.objects.filter(session=session).order_by("sequence").defer("plan"))
    booked = [trade for trade in trades if trade.is_booked]
    filled = [trade for trade in booked if trade.status == TradeStatus.FILLED]
    closed = _closed_by(session)
    thoughts = list(Decision.objects.filter(session=session).values_list("action", "code", "repeats"))
    witnesses = _last_witnesses(session)
    holds: Counter[str] = Counter()
    for action, code, repeats in thoughts:
        if action == "hold":
            holds[code] += repeats
    return SessionSummary(
        statuses=Counter(trade.status for trade in trades),
        sides=Counter(trade.side for trade in filled),
        witnesses=Counter(witnesses[trade.pk] for trade in booked),
        exits=Counter(trade.exit_reason for trade in filled if trade.side == TradeSide.SELL),
        round_trips=len(closed),
        wins=sum(position.result is not None and position.result > 0 for position in closed),
        realised=sum(position.result for position in closed if position.result is not None),
        pool_fees=sum(trade.pool_fee_quote for trade in filled),
        impact=sum(trade.impact_quote for trade in filled),
        drift=sum(trade.drift_quote for trade in filled),
        gas_quote=sum(trade.gas_quote for trade in booked),
        gas_wei=sum(trade.fee_paid for trade in booked),
        volume=sum(_quote_side(trade) for trade in filled),
        decisions=sum(repeats for _, _, repeats in thoughts),
        decision_rows=len(thoughts),
        holds=holds,
    )


def _closed_by(session: BotSession) -> list[Position]:
    """The positions whose last booked trade is the session's: it sold the last unit, whoever bought the first."""
    booked = PaperTrade.objects.filter(position=OuterRef("pk"), status__in=BOOKED_STATUSES)
    newest = booked.annotate(booked=Max("receipts__sequence")).order_by("-booked").values("session")[:1]
    closed = Position.objects.filter(account=session.account_id, status=PositionStatus.CLOSED, result__isnull=False)
    return list(closed.annotate(closer=Subquery(newest)).filter(closer=session.pk))


def _last_witnesses(session: BotSession) -> dict[int, str]:
    """Who computed each trade's last fill, by trade id."""
    receipts = FillReceipt.objects.filter(trade__session=session).order_by("sequence")
    return dict(receipts.values_list("trade_id", "witness"))


def _quote_side(trade: PaperTrade) -> int:
    if trade.side == TradeSide.BUY:
        return trade.amount_in
    return 0 if trade.amount_out is None else trade.amount_out
