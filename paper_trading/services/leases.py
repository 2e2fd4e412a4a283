"""Who may run a session: a claim by compare-and-set, judged by the database's clock.

Every commit of a session carries the token of its claim; a host that lost its lease commits nothing.
"""

import os
import socket
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from dex.errors import DexError
from paper_trading.models import CLAIMABLE_STATUSES, LIVE_STATUSES, BotSession, SessionStatus

LEASE = timedelta(seconds=10)
RENEW_SECONDS = 2.0


class SessionHeld(DexError):
    """Another process runs the session."""


class LeaseLost(DexError):
    """Another process took the session over; this one must drop it without a further write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the owner wants of a session that a host holds."""

    lease_token: int
    stop: bool
    stop_reason: str
    paused: bool


def this_owner() -> str:
    """This process, so that another one on the same machine can see whether it still lives.

    The last part tells it from an earlier process of the same number: a container's main process always has number 1.
    """
    return _owner(os.getpid())


@lru_cache(maxsize=1)
def _owner(pid: int) -> str:
    return f"{socket.gethostname()}/{pid}/{uuid.uuid4().hex[:8]}"


def claim(*, session_id: int, owner: str) -> int:
    """Take the session and return the token that fences it.

    A lease is taken when it is free, expired, or held by a process of this machine that is gone. Raises ``SessionHeld``
    otherwise, also when somebody else claims in the same moment. The first claim starts the clock of a limited runtime.
    """
    session = BotSession.objects.get(pk=session_id)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now()) | Q(owner="")
    if is_gone(session.owner):
        free |= Q(owner=session.owner)
    taken = BotSession.objects.filter(
        free, pk=session_id, lease_token=session.lease_token, status__in=CLAIMABLE_STATUSES
    ).update(**_held_by(owner), lease_token=session.lease_token + 1, **_first_end(session))
    if taken != 1:
        raise SessionHeld(f"session {session_id} is being run by process {session.owner or 'unknown'}")
    return session.lease_token + 1


@transaction.atomic
def claim_waiting(*, chain: str, owner: str, most: int, most_new: int) -> dict[int, int]:
    """Take up to ``most`` sessions on ``chain`` that no host runs; the token of each by its id.

    Those that have begun come first, and among the others no more than ``most_new`` are taken. In a few statements and
    one commit, however many there are. One that somebody else is at is left to him.
    """
    waiting = _claimable(chain, owner).order_by(F("started_block").asc(nulls_last=True), "pk")
    rows = waiting.select_for_update(skip_locked=True).values_list("pk", "lease_token", "started_block")
    found = list(rows[:most])
    begun = {pk: token for pk, token, block in found if block is not None}
    tokens = begun | dict([(pk, token) for pk, token, block in found if block is None][:most_new])
    taken = BotSession.objects.filter(pk__in=tokens)
    unlimited = Q(runtime__isnull=True) | Q(ends_at__isnull=False)
    for runtime in set(taken.exclude(unlimited).values_list("runtime", flat=True)):
        taken.filter(runtime=runtime, ends_at__isnull=True).update(ends_at=_after(runtime or 0))
    taken.update(**_held_by(owner), lease_token=F("lease_token") + 1)
    return {pk: token + 1 for pk, token in tokens.items()}


def claimable(*, chain: str, most: int) -> list[int]:
    """Sessions on ``chain`` that no host runs and a background host may take now, those that wait longest first."""
    return list(_claimable(chain, owner="").order_by("pk").values_list("pk", flat=True)[:most])


def _claimable(chain: str, owner: str) -> QuerySet[BotSession]:
    free = Q(owner="") | Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    gone = [owner for owner in _owners(chain) if is_gone(owner)]
    rested = Q(retry_at__isnull=True) | Q(retry_at__lte=Now())
    return BotSession.objects.filter(
        free | Q(owner__in=gone),
        rested,
        # A terminal's session is its own until it shall end and the terminal is not there to do so.
        Q(foreground__in=("", owner)) | Q(desired_status=SessionStatus.ENDED),
        chain=chain,
        recording="",
        status__in=CLAIMABLE_STATUSES,
    )


def is_abandoned(session: BotSession) -> bool:
    """Whether no living process runs the session: its lease is free, ran out, or its holder is gone."""
    held = BotSession.objects.filter(pk=session.pk, lease_until__gte=Now()).exclude(owner="")
    owner = held.values_list("owner", flat=True).first()
    return owner is None or is_gone(owner)


def renew(*, session_id: int, token: int) -> None:
    """Extend the lease; raises ``LeaseLost`` when it is somebody else's by now."""
    if fenced(session_id=session_id, token=token).update(lease_until=_until(), heartbeat_at=Now()) != 1:
        raise LeaseLost(f"session {session_id} was taken over by another process")


def renew_all(*, owner: str) -> int:
    """Extend every lease of ``owner`` in one statement; how many there are."""
    with transaction.atomic():
        held = BotSession.objects.filter(owner=owner, status__in=LIVE_STATUSES)
        # The rows are taken in the order in which ticks take them: two writers of many rows never wait for each other.
        ids = list(held.order_by("pk").select_for_update().values_list("pk", flat=True))
        return BotSession.objects.filter(pk__in=ids).update(lease_until=_until(), heartbeat_at=Now())


def wishes(*, owner: str) -> Mapping[int, Wish]:
    """What is wanted of every session that ``owner`` holds; one that is missing here is lost."""
    rows = BotSession.objects.filter(owner=owner, status__in=LIVE_STATUSES)
    columns = ("pk", "lease_token", "desired_status", "stop_reason", "entries_paused")
    return {
        pk: Wish(lease_token=token, stop=desired == SessionStatus.ENDED, stop_reason=reason, paused=paused)
        for pk, token, desired, reason, paused in rows.values_list(*columns)
    }


def release(*, session_id: int, token: int) -> None:
    """Give the session back so that the next start need not wait; silent when it is lost already."""
    fenced(session_id=session_id, token=token).update(owner="", lease_until=None, lease_token=F("lease_token") + 1)


def release_all(*, owner: str, keep: Collection[int] = ()) -> int:
    """Give every session of ``owner`` but ``keep`` back, for another host to go on with; how many there were."""
    with transaction.atomic():
        held = BotSession.objects.filter(owner=owner, status__in=LIVE_STATUSES).exclude(pk__in=keep)
        ids = list(held.order_by("pk").select_for_update().values_list("pk", flat=True))
        return BotSession.objects.filter(pk__in=ids).update(
            owner="", lease_until=None, lease_token=F("lease_token") + 1
        )


def fenced(*, session_id: int, token: int) -> QuerySet[BotSession]:
    """The session while ``token`` holds it and it has not ended; no row otherwise."""
    return BotSession.objects.filter(pk=session_id, lease_token=token, status__in=LIVE_STATUSES)


def _first_end(session: BotSession) -> dict[str, Combinable]:
    if session.runtime is None or session.ends_at is not None:
        return {}
    return {"ends_at": _after(session.runtime)}


def _after(seconds: int) -> Combinable:
    return ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())


def _held_by(owner: str) -> dict[str, Any]:
    """What a claim writes, but for the token."""
    return {
        "owner": owner,
        "lease_until": _until(),
        "heartbeat_at": Now(),
        "status": Case(
            When(desired_status=SessionStatus.ENDED, then=Value(SessionStatus.STOPPING)),
            default=Value(SessionStatus.RUNNING),
        ),
        "retry_at": None,
    }


def _owners(chain: str) -> list[str]:
    live = BotSession.objects.filter(chain=chain, status__in=CLAIMABLE_STATUSES).exclude(owner="")
    return list(live.order_by("owner").values_list("owner", flat=True).distinct())


def _until() -> Combinable:
    return ExpressionWrapper(Now() + Value(LEASE), output_field=DateTimeField())


def is_gone(owner: str) -> bool:
    """Whether ``owner`` was a process of this machine that runs no more; of another machine nothing can be said."""
    host, pid = [*owner.split("/"), "", ""][:2]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(pid) == os.getpid() and owner.count("/") == 2 and owner != this_owner()
