"""What the processes that follow chains and run sessions last wrote: heads by chain, hosts by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from api.statements import compiled
from paper_trading.models import UNOPENED, BotHost
from paper_trading.selectors.rows import Row
from trading.models import Market

ALIVE = timedelta(seconds=10)
"""A host writes its heartbeat every two seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """``number`` names the host in answers: its own name tells the machine and the process."""

    number: int
    alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """``heads`` are block numbers by ``chain_key``, ``hosts`` by the owner's name that leases carry."""

    now: datetime
    heads: Mapping[str, int]
    hosts: Mapping[str, HostState]


def surroundings(sessions: Iterable[Row]) -> Surroundings:
    """What is known of the chains and hosts of ``sessions``, rows of ``rows.SESSION``; two queries at most."""
    rows, now = list(sessions), timezone.now()
    keys = {session.account__chain_key for session in rows} - {UNOPENED}
    owners = {session.owner for session in rows if session.owner}
    return Surroundings(
        now=now,
        heads=dict(_heads(list(keys))),
        hosts={
            name: HostState(number=number, alive=stopped_at is None and now - heartbeat_at < ALIVE)
            for number, name, stopped_at, heartbeat_at in _hosts(list(owners))
        },
    )


@compiled
def _heads(chain_keys: list[str]) -> QuerySet[Market, tuple[str, int]]:
    return Market.objects.filter(chain_key__in=chain_keys).values_list("chain_key", "head_number")


@compiled
def _hosts(names: list[str]) -> QuerySet[BotHost, tuple[Any, ...]]:
    return BotHost.objects.filter(name__in=names).values_list("pk", "name", "stopped_at", "heartbeat_at")
