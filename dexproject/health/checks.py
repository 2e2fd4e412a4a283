"""What health is judged by. Health is progress: a process that lives and does nothing is not healthy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count
from redis.exceptions import RedisError

from paper_trading import redis_client
from paper_trading.models import LIVE_STATUSES, BotHost, BotSession
from paper_trading.services.hosts import living_hosts
from trading.models import Market
from trading.networks import network_of
from trading.selectors.markets import is_stale, newest_markets

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
    return [_pace(market, now) for market in newest_markets().order_by("chain__name")]


def hosts_alive() -> int:
    return living_hosts().count()


def hosts(now: datetime) -> list[dict[str, Any]]:
    """The hosts that have not said goodbye, those that were heard of last first."""
    alive = set(living_hosts().values_list("pk", flat=True))
    return [
        {
            "number": host.pk,
            "alive": host.pk in alive,
            "started_at": host.started_at,
            "heartbeat_age_seconds": round(max(0.0, (now - host.heartbeat_at).total_seconds()), 3),
            "sessions": host.sessions,
        }
        for host in BotHost.objects.filter(stopped_at=None).order_by("-heartbeat_at")[:SHOWN_HOSTS]
    ]


def session_counts(user: User) -> dict[str, int]:
    """The user's live sessions by status, and those among them that no living host runs."""
    mine = BotSession.objects.filter(user=user, status__in=LIVE_STATUSES)
    counts = dict(mine.values_list("status").annotate(count=Count("pk")).order_by())
    orphans = mine.exclude(owner__in=living_hosts().values("name")).filter(foreground="").count()
    return {**{str(status): counts.get(status, 0) for status in LIVE_STATUSES}, "without_host": orphans}


def _pace(market: Market, now: datetime) -> ChainPace:
    network = network_of(market.chain.chain_id)
    block_time = UNKNOWN_BLOCK_TIME if network is None else network.block_time
    behind = max(0.0, (now - market.head_time).total_seconds())
    return ChainPace(
        name=market.chain.name,
        head=market.head_number,
        seconds_behind=round(behind, 3),
        blocks_behind=int(behind / block_time),
        live=not is_stale(market, block_time=block_time, now=now),
    )
