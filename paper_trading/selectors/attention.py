"""What a user would want to know first: sessions that are over against his will, trades that need an explanation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, QuerySet

from api.statements import compiled
from paper_trading.models import (
    STOPPED_AT_TERMINAL,
    BotSession,
    PaperTrade,
    QuarantinedPool,
    SessionStatus,
    TradeStatus,
)
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row

MOST = 5


@compiled
def halted_sessions(user_id: int) -> QuerySet[BotSession, Row]:
    """The newest of those that were not put away."""
    halted = owned.session_rows(user_id).filter(status=SessionStatus.HALTED, archived_at=None)
    return halted.order_by("-pk")[:MOST]


def ended_by_themselves(user_id: int, since: datetime) -> QuerySet[BotSession, Row]:
    """The newest of those that nobody asked to stop."""
    over = owned.session_rows(user_id).filter(
        status=SessionStatus.ENDED, ended_at__gte=since, archived_at=None, stop_reason=""
    )
    return over.exclude(end_reason=STOPPED_AT_TERMINAL).order_by("-pk")[:MOST]


def quarantined_pools(user_id: int, since: datetime) -> QuerySet[QuarantinedPool, Any]:
    """Id, session, pool, block, reason and time of what was shut out since then; the newest first."""
    rows = QuarantinedPool.objects.filter(
        session__in=owned.sessions(user_id).filter(archived_at=None).values("pk"), created_at__gte=since
    )
    columns = ("pk", "session_id", "pool", "block_number", "reason", "created_at")
    return rows.order_by("-pk").values_list(*columns, named=True)[:MOST]


def disputed_trades(user_id: int, sessions: Sequence[int], since: datetime) -> QuerySet[PaperTrade, Row]:
    """Of these sessions, the newest first: a dispute shuts a pool out, so only those that did need to be looked at."""
    rows = owned.trade_rows(user_id).filter(
        session__in=sessions, status=TradeStatus.FILLED, disputed=True, block_time__gte=since
    )
    return rows.order_by("-pk")[:MOST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverted:
    """How often the router refused orders of one session; ``newest`` is a row of ``rows.TRADE``."""

    count: int
    newest: Row


def reverted_trades(user_id: int, sessions: Sequence[int], since: datetime) -> list[Reverted]:
    """Of those of these sessions that had any; two queries."""
    reverted = PaperTrade.objects.filter(
        account__user=user_id, session__in=sessions, status=TradeStatus.REVERTED, block_time__gte=since
    )
    grouped = reverted.order_by().values_list("session").annotate(newest=Max("pk"), count=Count("pk"))
    counts = {newest: count for _, newest, count in grouped.order_by("-newest")[:MOST]}
    rows = owned.trade_rows(user_id).filter(pk__in=list(counts)).order_by("-pk")
    return [Reverted(count=counts[row.id], newest=row) for row in rows]
