"""What the processes that follow chains and run sessions last wrote: heads by chain, hosts by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from paper_trading.models import BotHost, BotSession
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


def surroundings(sessions: Iterable[BotSession]) -> Surroundings:
    """What is known of the chains and hosts of ``sessions`` (loaded with their accounts); two queries at most."""
    rows, now = list(sessions), timezone.now()
    keys = {session.account.chain_key for session in rows if session.account.is_opened}
    owners = {session.owner for session in rows if session.owner}
    heads = Market.objects.filter(chain_key__in=keys).values_list("chain_key", "head_number")
    hosts = BotHost.objects.filter(name__in=owners)
    return Surroundings(
        now=now,
        heads=dict(heads),
        hosts={
            host.name: HostState(number=host.pk, alive=host.stopped_at is None and now - host.heartbeat_at < ALIVE)
            for host in hosts
        },
    )
