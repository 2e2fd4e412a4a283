"""The processes that run sessions, as they report themselves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, QuerySet, Value
from django.db.models.functions import Now

from paper_trading.models import BotHost
from paper_trading.services.leases import LEASE


def report_host(*, name: str, sessions: int, pace: Mapping[str, Any]) -> None:
    """``name`` lives and runs so many sessions; ``pace`` says how fast (see ``BotHost``)."""
    BotHost.objects.update_or_create(
        name=name,
        defaults={"heartbeat_at": Now(), "stopped_at": None, "sessions": sessions, "pace": dict(pace)},
        create_defaults={"heartbeat_at": Now(), "started_at": Now(), "sessions": sessions, "pace": dict(pace)},
    )


def report_stopped(*, name: str) -> None:
    BotHost.objects.filter(name=name).update(stopped_at=Now(), sessions=0)


def living_hosts(within: timedelta = LEASE) -> QuerySet[BotHost]:
    """Those that were heard of within ``within``, by the database's clock, and did not say goodbye."""
    since = ExpressionWrapper(Now() - Value(within), output_field=DateTimeField())
    return BotHost.objects.filter(stopped_at__isnull=True, heartbeat_at__gt=since)
