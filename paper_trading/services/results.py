"""What became of a session, kept under its task's id for as long as it lives: ``AsyncResult(task_id)`` tells the truth.

The hand-over task itself leaves no result. Whoever runs the session writes its state every few seconds, which also
puts off the day on which the result expires.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from celery import current_app, states
from django.conf import settings
from redis.exceptions import RedisError

from dex.errors import HaltSession
from paper_trading.models import BotSession, SessionStatus
from paper_trading.redis_client import client, enabled

PROGRESS = "PROGRESS"
TIMEOUT_SECONDS = 2.0
PART = 500
"""Results that are sent in one round trip."""

log = logging.getLogger(__name__)
_away = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionProgress:
    """Times are ISO 8601; ``equity`` and ``start_equity`` are decimal text in base units of the account's quote token.

    ``status`` is the session's, ``reason`` why it ended, ``last_error`` what it is resting from.
    """

    task_id: str
    session_id: int
    status: str
    chain: str
    cursor_block: int | None = None
    start_equity: str | None = None
    equity: str | None = None
    heartbeat_at: str | None = None
    ends_at: str | None = None
    ended_at: str | None = None
    last_error: str = ""
    reason: str = ""


def progress_of(session: BotSession) -> SessionProgress:
    """As it stands in the row, without a query."""
    return SessionProgress(
        task_id=session.task_id,
        session_id=session.pk,
        status=str(session.status),
        chain=session.chain,
        cursor_block=session.cursor_block,
        start_equity=None if session.start_equity is None else str(session.start_equity),
        equity=None if session.equity is None else str(session.equity),
        heartbeat_at=_iso(session.heartbeat_at),
        ends_at=_iso(session.ends_at),
        ended_at=_iso(session.ended_at),
        last_error=session.last_error,
        reason=session.end_reason,
    )


def mirror(sessions: Iterable[SessionProgress]) -> bool:
    """Write every session's state under its task's id; those that no task handed over are left out.

    ``STARTED`` until the first block is booked, ``PROGRESS`` with the state until the end, then ``SUCCESS`` with the
    outcome, or ``FAILURE`` for one that was halted. A queued one stays ``PENDING``. False where Redis is away or not in
    use, which is logged once.
    """
    if not enabled():
        return False
    written = [item for item in sessions if item.task_id and item.status != SessionStatus.QUEUED]
    try:
        for start in range(0, len(written), PART):
            _write(written[start : start + PART])
    except (RedisError, OSError) as error:
        if not _away.is_set():
            _away.set()
            log.warning("results are not kept while Redis is away: %s", error)
        return False
    if _away.is_set():
        _away.clear()
        log.info("results are kept again")
    return True


def _write(items: list[SessionProgress]) -> None:
    backend: Any = current_app.backend  # its stubs know no key-value backends
    expires = int(settings.CELERY_RESULT_EXPIRES.total_seconds())
    pipeline = client(timeout=TIMEOUT_SECONDS).pipeline(transaction=False)
    for item in items:
        key, value = backend.get_key_for_task(item.task_id), backend.encode(_meta(item))
        pipeline.set(key, value, ex=expires)
        if item.status in (SessionStatus.ENDED, SessionStatus.HALTED):
            pipeline.publish(key, value)  # wakes whoever waits in AsyncResult.get()
    pipeline.execute()


def _meta(item: SessionProgress) -> dict[str, Any]:
    state, result = _state(item), {name: value for name, value in asdict(item).items() if name != "task_id"}
    if state == states.FAILURE:
        result = current_app.backend.prepare_exception(HaltSession(item.reason))
    return {
        "status": state,
        "result": result,
        "traceback": None,
        "children": [],
        "date_done": item.ended_at,
        "task_id": item.task_id,
    }


def _state(item: SessionProgress) -> str:
    if item.status == SessionStatus.HALTED:
        return states.FAILURE
    if item.status == SessionStatus.ENDED:
        return states.SUCCESS
    return states.STARTED if item.cursor_block is None else PROGRESS


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
