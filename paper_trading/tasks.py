"""The background tasks: each calls one service and says what came of it."""

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import OperationalError

from paper_trading.errors import WrongRequest
from paper_trading.models import BotSession
from paper_trading.services import control, periodic
from paper_trading.services.results import mirror, progress_of
from paper_trading.services.runtime import runtime_seconds
from paper_trading.services.task_locks import task_lock

BY_TASK = "stopped by a task"
CLEAN_UP_LONGEST, REAP_LONGEST = timedelta(hours=1), timedelta(minutes=2)
log = logging.getLogger(__name__)


@shared_task(
    name="paper_trading.tasks.run_paper_trading_bot",
    # The session's host keeps the result of this task's id: see services.results.
    ignore_result=True,
    autoretry_for=(OperationalError,),
    retry_backoff=1,
    max_retries=10,
)
def run_paper_trading_bot(session_id: int, user_id: int, runtime_minutes: float | None = None) -> None:
    """Make a queued session one that hosts claim; delivered twice, it does nothing the second time.

    With a runtime that is none the session halts with that reason: it must not run without a limit instead.
    """
    try:
        runtime = runtime_seconds(runtime_minutes)
    except WrongRequest as error:
        session = control.refuse_start(session_id=session_id, user_id=user_id, reason=str(error))
        log.error("not started: %s", error, extra={"session": session_id})
        if session is not None and not session.is_live:
            mirror([progress_of(session)])
        return
    session = control.mark_runnable(session_id=session_id, user_id=user_id, runtime=runtime)
    if session is None:
        log.warning("there is no such session of user %s", user_id, extra={"session": session_id})
    else:
        log.info("handed over: %s", session.status, extra={"session": session_id})


@shared_task(
    name="paper_trading.tasks.stop_paper_trading_bot",
    autoretry_for=(OperationalError,),
    retry_backoff=1,
    max_retries=10,
)
def stop_paper_trading_bot(session_id: int, user_id: int, reason: str) -> dict[str, Any] | None:
    """Ask for a graceful end; the answer is the session as it stands then, None where the user has no such session."""
    session = BotSession.objects.filter(pk=session_id, user_id=user_id).first()
    if session is None:
        log.warning("there is no such session of user %s", user_id, extra={"session": session_id})
        return None
    session = control.request_stop(session=session, reason=reason or BY_TASK)
    if not session.is_live:
        mirror([progress_of(session)])
    log.info("asked to stop (%s): %s", reason, session.status, extra={"session": session_id})
    return asdict(progress_of(session))


@shared_task(name="paper_trading.tasks.get_bot_status")
def get_bot_status(session_id: int) -> dict[str, Any] | None:
    """The session as ``SessionProgress``, None where there is none."""
    session = BotSession.objects.filter(pk=session_id).first()
    return None if session is None else asdict(progress_of(session))


@shared_task(name="paper_trading.tasks.cleanup_old_sessions", soft_time_limit=3_300, time_limit=3_500)
def cleanup_old_sessions() -> dict[str, int] | None:
    """None where another run is at it."""
    with task_lock("cleanup_old_sessions", longest=CLEAN_UP_LONGEST) as mine:
        if not mine:
            return None
        cleaned = periodic.clean_up()
    log.info(
        "cleaned up: %d sessions archived, %d decisions, %d commands and %d hosts dropped",
        cleaned.archived,
        cleaned.decisions,
        cleaned.commands,
        cleaned.hosts,
    )
    return asdict(cleaned)


@shared_task(name="paper_trading.tasks.reap_sessions")
def reap_sessions() -> dict[str, list[Any]] | None:
    """None where another run is at it."""
    with task_lock("reap_sessions", longest=REAP_LONGEST) as mine:
        if not mine:
            return None
        reaped = periodic.reap()
        # A session that ended before any host had it has nobody else to write its result.
        mirror(progress_of(session) for session in periodic.recently_ended())
    if reaped.dead_hosts:
        log.warning("hosts that fell silent: %s", ", ".join(reaped.dead_hosts))
    if reaped.handed_over:
        log.warning("queued sessions whose task never came, handed over now: %s", _ids(reaped.handed_over))
    if reaped.orphans:
        log.warning("sessions that no host runs: %s", _ids(reaped.orphans))
    return asdict(reaped)


def _ids(ids: list[int]) -> str:
    return ", ".join(map(str, ids))
