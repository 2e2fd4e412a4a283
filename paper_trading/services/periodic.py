"""What is done every night and every half minute, whether or not anybody looks.

Each of these can run twice, or die half-way, without harm: what is found in the rows decides, not what a run remembers.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from paper_trading.models import (
    CLAIMABLE_STATUSES,
    LIVE_STATUSES,
    BotHost,
    BotSession,
    CommandStatus,
    Decision,
    SessionCommand,
    SessionStatus,
)
from paper_trading.services.control import mark_runnable

ARCHIVE_AFTER = timedelta(days=30)
HOST_FORGOTTEN_AFTER = timedelta(days=1)
GRACE = timedelta(seconds=30)
"""What another host, a broker or a starting process gets before it is said that something is wrong."""

RECENT = timedelta(minutes=10)
PART, MOST_PARTS = 1_000, 500
MOST_REPORTED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """How many rows: archived sessions, deleted decisions, commands and hosts."""

    archived: int
    decisions: int
    commands: int
    hosts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaped:
    """Session ids, and the names of hosts that fell silent without a word.

    ``orphans`` should run and have no host; ``handed_over`` were queued for a task that never came.
    """

    orphans: list[int]
    handed_over: list[int]
    dead_hosts: list[str]


def clean_up() -> Cleaned:
    """Archive what ended long ago, and drop what says nothing any more: never a trade, an entry or a receipt."""
    old = _ago(ARCHIVE_AFTER)
    archived = (
        BotSession.objects.filter(archived_at__isnull=True, ended_at__lt=old)
        .exclude(status__in=LIVE_STATUSES)
        .update(archived_at=Now())
    )
    of_old_sessions = Q(session__archived_at__isnull=False, session__ended_at__lt=old)
    holds = Decision.objects.filter(of_old_sessions, action="hold", trades__isnull=True)
    commands = SessionCommand.objects.filter(of_old_sessions).exclude(status=CommandStatus.WAITING)
    hosts, _ = BotHost.objects.filter(heartbeat_at__lt=_ago(HOST_FORGOTTEN_AFTER)).delete()
    return Cleaned(archived=archived, decisions=_delete(holds), commands=_delete(commands), hosts=hosts)


def reap() -> Reaped:
    """Find what was left behind. Hosts take orphans up by themselves: one that stays here has no host to go to."""
    late = _ago(GRACE)
    dead = list(BotHost.objects.filter(stopped_at__isnull=True, heartbeat_at__lt=late).values_list("name", flat=True))
    BotHost.objects.filter(name__in=dead, heartbeat_at__lt=late).update(stopped_at=Now(), sessions=0)
    # The task would do no more than this, so a second one need not be sent.
    lost = BotSession.objects.filter(status=SessionStatus.QUEUED, created_at__lt=late).order_by("pk")
    handed_over = [
        session_id
        for session_id, user_id in lost.values_list("pk", "user_id")[:MOST_REPORTED]
        if mark_runnable(session_id=session_id, user_id=user_id, runtime=None) is not None
    ]
    orphans = list(_orphans(late).order_by("pk").values_list("pk", flat=True)[:MOST_REPORTED])
    return Reaped(orphans=orphans, handed_over=handed_over, dead_hosts=dead)


def recently_ended() -> QuerySet[BotSession]:
    return BotSession.objects.exclude(task_id="").filter(ended_at__gt=_ago(RECENT)).order_by("-pk")[:MOST_REPORTED]


def _orphans(late: Combinable) -> QuerySet[BotSession]:
    """Those of background hosts only: one that a terminal left behind waits for its user."""
    rested = Q(retry_at__isnull=True) | Q(retry_at__lt=late)
    released = Q(lease_until__isnull=True) & (
        Q(heartbeat_at__lt=late) | Q(heartbeat_at__isnull=True, created_at__lt=late)
    )
    return BotSession.objects.filter(
        rested, Q(lease_until__lt=late) | released, status__in=CLAIMABLE_STATUSES, foreground="", recording=""
    )


def _delete(rows: QuerySet[Decision] | QuerySet[SessionCommand]) -> int:
    """In parts, so that no lock is held for long; what is left over is deleted in the next night."""
    deleted = 0
    for _ in range(MOST_PARTS):
        part = list(rows.order_by("pk").values_list("pk", flat=True)[:PART])
        rows.model._default_manager.filter(pk__in=part).delete()
        deleted += len(part)
        if len(part) < PART:
            break
    return deleted


def _ago(age: timedelta) -> Combinable:
    return ExpressionWrapper(Now() - Value(age), output_field=DateTimeField())
