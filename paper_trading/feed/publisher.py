"""From commits to the log, in order and without holding a commit up: a bounded queue and one thread that empties it.

While Redis is away the queue keeps what fits. A topic of which something had to be dropped begins a new epoch once
Redis is back, so that every watcher takes a snapshot instead of missing it.
"""

import atexit
import logging
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from redis.exceptions import RedisError

from paper_trading.feed import log as feed_log
from paper_trading.feed.envelope import (
    Batch,
    Message,
    alerts_topic,
    message,
    messages_of,
    portfolio_topic,
    session_topic,
)
from paper_trading.signals import Change

logger = logging.getLogger(__name__)

MOST_WAITING = 10_000
MOST_A_BATCH = 200
EXIT_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_LOG_SECONDS = 60.0


class Publisher:
    """Takes messages from any thread and adds them to ``log`` in the order they came in.

    At most ``most_waiting`` messages wait. Its thread starts with the first one and ends with the process.
    """

    def __init__(self, log: feed_log.Log, *, most_waiting: int = MOST_WAITING) -> None:
        self._log = log
        self._most_waiting = most_waiting
        self._writer = uuid.uuid4().hex
        self._changed = threading.Condition()
        self._events: deque[Message] = deque()
        self._states: dict[tuple[str, str], Message] = {}
        self._resets: dict[str, None] = {}
        self._thread: threading.Thread | None = None
        self._busy = False
        self._logged = -_LOG_SECONDS

    def put(self, messages: Sequence[Message]) -> None:
        """Never waits for Redis. The oldest message goes where there is no more room, and its topic begins anew."""
        if not messages:
            return
        with self._changed:
            self._events.extend(messages)
            while len(self._events) > self._most_waiting:
                self._resets[self._events.popleft().topic] = None
            self._wake()

    def put_state(self, told: Message) -> None:
        """Only the newest of its topic and type is of interest: one that still waits is replaced."""
        with self._changed:
            self._states[told.topic, told.type] = told
            self._wake()

    def reset(self, topic: str) -> None:
        """Begin a new epoch of ``topic`` before its next message."""
        with self._changed:
            self._resets[topic] = None
            self._wake()

    def flush(self, seconds: float) -> bool:
        """Wait until everything so far is in the log; False where that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._waiting, seconds)

    @property
    def _waiting(self) -> bool:
        return bool(self._events or self._states or self._resets)

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        number = 0
        while True:
            number += 1
            self._append(self._next_batch(number))

    def _next_batch(self, number: int) -> Batch:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting)
            self._busy = True
            events = [self._events.popleft() for _ in range(min(MOST_A_BATCH, len(self._events)))]
            batch = Batch(
                writer=self._writer,
                number=number,
                messages=[*events, *self._states.values()],
                resets=list(self._resets),
            )
            self._states.clear()
            self._resets.clear()
            return batch

    def _append(self, batch: Batch) -> None:
        """Until it is there: where no answer came, the log knows by the batch's number whether it has it already."""
        pause = _FIRST_PAUSE
        while True:
            try:
                self._log.append(batch)
                return
            except (RedisError, OSError) as error:
                if time.monotonic() - self._logged > _LOG_SECONDS:
                    self._logged = time.monotonic()
                    logger.warning("the feed waits: Redis does not answer: %s", error)
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)


def publish(*, change: Change, **_: Any) -> None:
    """Tell a committed change to everybody who watches its topics: receives ``signals.committed``."""
    publisher().put(messages_of(change))


def publish_event(topic: str, kind: str, data: Mapping[str, Any]) -> None:
    """Tell what happened in ``topic``; where it depends on a transaction, ``signals.announce`` is the way."""
    publisher().put([message(topic, kind, data)])


def publish_state(topic: str, kind: str, data: Mapping[str, Any]) -> None:
    """Tell how ``topic`` is now: of several that have to wait, only the last is told."""
    publisher().put_state(message(topic, kind, data))


def reset(topic: str) -> None:
    """Begin a new epoch of ``topic``, because something may have been committed and never told."""
    publisher().reset(topic)


def reset_session(*, session_id: int, user_id: int) -> None:
    """For a process that takes a session over: the one before it may have died between a commit and its telling, so
    that every topic that the session is told in begins anew."""
    for topic in (session_topic(session_id), portfolio_topic(user_id), alerts_topic(user_id)):
        reset(topic)


def flush(seconds: float = EXIT_SECONDS) -> bool:
    """Wait until everything that this process told is in the log; False where that takes longer."""
    return _publisher is None or _publisher.flush(seconds)


_publisher: Publisher | None = None
_making = threading.Lock()


def publisher() -> Publisher:
    """This process' publisher."""
    global _publisher  # noqa: PLW0603 - one a process, made when it is first needed
    if _publisher is None:
        with _making:
            if _publisher is None:
                _publisher = Publisher(feed_log.log())
    return _publisher


def forget() -> None:
    """The next message gets a new publisher: a forked process has neither its parent's thread nor its duties."""
    global _publisher, _making
    _publisher, _making = None, threading.Lock()
    feed_log.forget()


os.register_at_fork(after_in_child=forget)
atexit.register(flush)
