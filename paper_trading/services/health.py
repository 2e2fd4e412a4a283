"""What health is judged by. Health is progress: a process that lives and does nothing is not healthy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, Q, QuerySet
from redis.exceptions import RedisError

from api.statements import compiled
from paper_trading import redis_client
from paper_trading.models import LIVE_STATUSES, BotHost, BotSession
from paper_trading.services.hosts import living_hosts
from trading.networks import network_of
from trading.selectors.markets import is_stale, newest_markets
from trading.selectors.rows import Row

OK, AWAY, OFF = "ok", "away", "off"
REDIS_SECONDS = 0.5
UNKNOWN_BLOCK_TIME = 12.0
SHOWN_HOSTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPace:
    """How far behind a chain's newest block we are. ``blocks_behind`` follows from the time and the block time."""

    name: str
    head: int
    seconds_behind: float
    blocks_behind: int
    live: bool


def database_state() -> str:
    """``ok`` or ``away``, within the connection's own time-outs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except (DatabaseError, InterfaceError):
        return AWAY
    return OK


def redis_state() -> str:
    """``off`` where none is set: nothing but background tasks needs one."""
    if not redis_client.enabled():
        return OFF
    try:
        redis_client.client(timeout=REDIS_SECONDS).ping()
    except RedisError:
        return AWAY
    return OK


def queue_lengths() -> Mapping[str, int] | None:
    """Tasks that wait, by queue; None where Redis is off or away."""
    if redis_state() != OK:
        return None
    names = (settings.PAPER_TRADING_QUEUE, settings.RISK_QUEUE, settings.EXECUTION_QUEUE)
    try:
        with redis_client.client(timeout=REDIS_SECONDS).pipeline(transaction=False) as asked:
            for name in names:
                asked.llen(settings.CELERY_KEY_PREFIX + name)
            return dict(zip(names, asked.execute(), strict=True))
    except RedisError:
        return None


def chain_paces(now: datetime) -> list[ChainPace]:
    return [_pace(market, now) for market in newest_markets()]


def hosts_alive() -> int:
    return len(_alive())


def hosts(now: datetime) -> list[dict[str, Any]]:
    """The hosts that have not said goodbye, those that were heard of last first."""
    return [
        {
            "number": host.pk,
            "alive": host.alive,
            "started_at": host.started_at,
            "heartbeat_age_seconds": round(max(0.0, (now - host.heartbeat_at).total_seconds()), 3),
            "sessions": host.sessions,
        }
        for host in host_rows()
    ]


def session_counts(user: User) -> dict[str, int]:
    """The user's live sessions by status, and those among them that no living host runs."""
    counts = {str(status): 0 for status in LIVE_STATUSES} | {"without_host": 0}
    for status, orphaned, count in _sessions(user.pk):
        counts[status] += count
        counts["without_host"] += count if orphaned else 0
    return counts


@compiled
def _alive() -> QuerySet[BotHost, int]:
    return living_hosts().values_list("pk", flat=True)


@compiled
def host_rows() -> QuerySet[BotHost, Row]:
    """Of ``hosts``. Their names tell machines and processes: they are for comparing, not for showing."""
    known = BotHost.objects.filter(stopped_at=None).annotate(alive=Q(pk__in=living_hosts().values("pk")))
    columns = ("pk", "alive", "name", "chain", "started_at", "heartbeat_at", "sessions", "pace")
    return known.order_by("-heartbeat_at").values_list(*columns, named=True)[:SHOWN_HOSTS]


@compiled
def _sessions(user_id: int) -> QuerySet[BotSession, tuple[str, bool, int]]:
    run = Q(owner__in=living_hosts().values("name"))
    live = BotSession.objects.filter(user=user_id, status__in=LIVE_STATUSES)
    orphaned = live.annotate(orphaned=Q(foreground="") & ~run).order_by()
    return orphaned.values_list("status", "orphaned").annotate(count=Count("pk"))


def _pace(market: Row, now: datetime) -> ChainPace:
    network = network_of(market.chain__chain_id)
    block_time = UNKNOWN_BLOCK_TIME if network is None else network.block_time
    behind = max(0.0, (now - market.head_time).total_seconds())
    return ChainPace(
        name=market.chain__name,
        head=market.head_number,
        seconds_behind=round(behind, 3),
        blocks_behind=int(behind / block_time),
        live=not is_stale(market, block_time=block_time, now=now),
    )
