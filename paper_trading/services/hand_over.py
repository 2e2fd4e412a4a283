"""From a row in the database to a host that runs it: through the broker, or straight to a host that is there."""

import logging
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from paper_trading.errors import BackgroundUnavailable
from paper_trading.models import BotHost, BotSession, SessionStatus
from paper_trading.redis_client import connect
from paper_trading.services.hosts import living_hosts
from paper_trading.services.leases import this_owner
from paper_trading.services.nudge import nudge
from paper_trading.signals import Change, announce

RUN_TASK = "paper_trading.tasks.run_paper_trading_bot"
PING_SECONDS = 1.0
RETRIES = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
NO_REDIS = (
    "background sessions need Redis and a worker: set REDIS_URL and start `celery -A dexproject worker "
    "-Q paper_trading,risk.normal,execution.critical --loglevel=info`, or ask while `run_paper_bot --dashboard` runs"
)
log = logging.getLogger(__name__)


def require_hosts() -> None:
    """Raises ``BackgroundUnavailable`` with one line that says what is missing.

    With Redis that is an answer within a second: the session waits in the queue until a worker comes. Without it, or
    where this process has a host itself (`run_paper_bot --dashboard`), a host must live now, which then finds the
    session in the database by itself.
    """
    if settings.REDIS_URL and not _own_hosts().exists():
        _ping(settings.REDIS_URL)
    elif not living_hosts().exists():
        raise BackgroundUnavailable(NO_REDIS)


def hand_over(session: BotSession) -> None:
    """Send the task that makes ``session`` runnable; called after the commit that inserted it.

    Where this process has a host of its chain nothing is sent: no worker may be there. A session that cannot be sent
    ends with the reason: nobody would ever take it.
    """
    if not settings.REDIS_URL or _own_hosts().filter(chain=session.chain).exists():
        if _queued(session).update(status=SessionStatus.OPEN) == 1:
            nudge()
        return
    try:
        current_app.send_task(
            RUN_TASK,
            args=[session.pk, session.user_id],
            task_id=session.task_id,
            ignore_result=True,
            retry=True,
            retry_policy=RETRIES,
        )
    except (OperationalError, RedisError, OSError) as error:
        log.warning("could not be handed over: %s", error, extra={"session": session.pk})
        _end(session, f"it could not be handed to a worker: {error}")


def _own_hosts() -> QuerySet[BotHost]:
    return living_hosts().filter(name=this_owner())


def _end(session: BotSession, reason: str) -> None:
    with transaction.atomic():
        if _queued(session).update(status=SessionStatus.ENDED, end_reason=reason, ended_at=Now()) == 1:
            announce(
                Change(
                    kind="status",
                    user_id=session.user_id,
                    session_id=session.pk,
                    account_id=session.account_id,
                    data={"status": str(SessionStatus.ENDED), "reason": reason},
                )
            )


def _queued(session: BotSession) -> QuerySet[BotSession]:
    return BotSession.objects.filter(pk=session.pk, status=SessionStatus.QUEUED)


def _ping(url: str) -> None:
    try:
        connect(url, timeout=PING_SECONDS).ping()
    except (RedisError, OSError) as error:
        raise BackgroundUnavailable(f"Redis at {_place(url)} does not answer: {error}") from error
    except ValueError as error:
        raise BackgroundUnavailable("REDIS_URL is no address of a Redis server (redis://HOST:PORT/DATABASE)") from error


def _place(url: str) -> str:
    """Where the server is, without user and password."""
    parts = urlsplit(url)
    return parts.path if parts.hostname is None else f"{parts.hostname}:{parts.port or 6379}"
