"""Who may run a session: a claim by compare-and-set, judged by the database's clock.

Every commit of a session carries the token of its claim; a host that lost its lease commits nothing.
"""

import os
import socket
from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from dex.errors import DexError
from paper_trading.models import BotSession
from paper_trading.models.session import LIVE_STATUSES, SessionStatus

LEASE = timedelta(seconds=10)
RENEW_SECONDS = 2.0


class SessionHeld(DexError):
    """Another process runs the session."""


class LeaseLost(DexError):
    """Another process took the session over; this one must drop it without a further write."""


def this_owner() -> str:
    """This process, so that another one on the same machine can see whether it still lives."""
    return f"{socket.gethostname()}/{os.getpid()}"


def claim(*, session_id: int, owner: str) -> int:
    """Take the session and return the token that fences it.

    A lease is taken when it is free, expired, or held by a process of this machine that is gone. Raises ``SessionHeld``
    otherwise, also when somebody else claims in the same moment.
    """
    session = BotSession.objects.get(pk=session_id)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now()) | Q(owner="")
    if _is_gone(session.owner):
        free |= Q(owner=session.owner)
    taken = BotSession.objects.filter(
        free, pk=session_id, lease_token=session.lease_token, status__in=LIVE_STATUSES
    ).update(
        owner=owner,
        lease_token=session.lease_token + 1,
        lease_until=_until(),
        heartbeat_at=Now(),
        status=SessionStatus.RUNNING,
    )
    if taken != 1:
        raise SessionHeld(f"session {session_id} is being run by process {session.owner or 'unknown'}")
    return session.lease_token + 1


def renew(*, session_id: int, token: int) -> None:
    """Extend the lease; raises ``LeaseLost`` when it is somebody else's by now."""
    if fenced(session_id=session_id, token=token).update(lease_until=_until(), heartbeat_at=Now()) != 1:
        raise LeaseLost(f"session {session_id} was taken over by another process")


def release(*, session_id: int, token: int) -> None:
    """Give the session back so that the next start need not wait; silent when it is lost already."""
    fenced(session_id=session_id, token=token).update(owner="", lease_until=None, lease_token=F("lease_token") + 1)


def fenced(*, session_id: int, token: int) -> QuerySet[BotSession]:
    """The session while ``token`` holds it and it has not ended; no row otherwise."""
    return BotSession.objects.filter(pk=session_id, lease_token=token, status__in=LIVE_STATUSES)


def _until() -> Combinable:
    return ExpressionWrapper(Now() + Value(LEASE), output_field=DateTimeField())


def _is_gone(owner: str) -> bool:
    host, _, pid = owner.rpartition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
