"""The processes that run sessions, as they report themselves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, QuerySet, Value
from django.db.models.functions import Now

from paper_trading.feed.envelope import SYSTEM
from paper_trading.feed.publisher import publish_event
from paper_trading.models import BotHost
from paper_trading.services.leases import LEASE


def report_host(*, name: str, chain: str, sessions: int, pace: Mapping[str, Any]) -> None:
    """``name`` takes sessions of ``chain`` and runs so many of them; ``pace`` says how fast (see ``BotHost``)."""
    host, is_new = BotHost.objects.update_or_create(
        name=name,
        defaults={"heartbeat_at": Now(), "stopped_at": None, "sessions": sessions, "chain": chain, "pace": dict(pace)},
        create_defaults={
            "heartbeat_at": Now(),
            "started_at": Now(),
            "sessions": sessions,
            "chain": chain,
            "pace": dict(pace),
        },
    )
    if is_new:
        _tell("came", host)


def report_stopped(*, name: str) -> None:
    BotHost.objects.filter(name=name).update(stopped_at=Now(), sessions=0)
    for host in BotHost.objects.filter(name=name):
        _tell("left", host)


def _tell(event: str, host: BotHost) -> None:
    publish_event(SYSTEM, "host", {"event": event, "host": host.pk, "chain": host.chain})


def living_hosts(within: timedelta = LEASE, *, chain: str | None = None) -> QuerySet[BotHost]:
    """Those that were heard of within ``within``, by the database's clock, and did not say goodbye.

    Of every chain where none is named.
    """
    since = ExpressionWrapper(Now() - Value(within), output_field=DateTimeField())
    living = BotHost.objects.filter(stopped_at__isnull=True, heartbeat_at__gt=since)
    return living if chain is None else living.filter(chain=chain)


def served_chains() -> list[str]:
    """Those on which a living host takes sessions, the longest known first."""
    return list(dict.fromkeys(living_hosts().order_by("pk").values_list("chain", flat=True)))
