"""Wakes the hosts so that they look into the database at once; without it they look every second."""

import logging
import threading
from collections.abc import Callable

from django.db import connection, transaction
from redis import Redis
from redis.exceptions import RedisError

from paper_trading import redis_client

logger = logging.getLogger(__name__)

_SEND_SECONDS = 0.1
_LISTEN_SECONDS = 2.0
_LOOK_SECONDS = 0.25
"""How long a listener takes to notice that it is closed."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_breaker = redis_client.Breaker("nudges", rest=5.0)


def nudge() -> None:
    """Wake every host, once the open transaction is committed; never where it is rolled back.

    Never raises and never waits for long: a nudge that is lost costs a second. Nothing happens without Redis.
    """
    if not redis_client.enabled():
        return
    if connection.in_atomic_block:
        transaction.on_commit(_send)
    else:
        _send()


def listen(on_nudge: Callable[[], None]) -> "Listener":
    """Call ``on_nudge`` in a thread of its own for every nudge, and whenever nudges may have been missed: when it
    begins to listen and after every interruption. It must be quick and not raise. Does nothing without Redis."""
    return Listener(on_nudge)


class Listener:
    """Listens until ``close``, or until its process ends."""

    def __init__(self, on_nudge: Callable[[], None]) -> None:
        self._on_nudge = on_nudge
        self._closing = threading.Event()
        self._listening = False
        self._thread: threading.Thread | None = None
        if redis_client.enabled():
            self._thread = threading.Thread(target=self._run, args=(_channel(),), name="nudges", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """No call comes after it. Closing again does nothing."""
        self._closing.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_LISTEN_SECONDS + _LOOK_SECONDS)

    def _run(self, channel: str) -> None:
        pause = _FIRST_PAUSE
        while not self._closing.is_set():
            try:
                self._follow(redis_client.client(timeout=_LISTEN_SECONDS), channel)
            except RedisError as error:
                if self._listening:
                    logger.warning("nudges: Redis went away: %s", error)
                pause = _FIRST_PAUSE if self._listening else min(2 * pause, _LONGEST_PAUSE)
                self._listening = False
                self._closing.wait(pause)

    def _follow(self, redis: Redis, channel: str) -> None:
        with redis.pubsub() as messages:  # type: ignore[no-untyped-call]
            messages.subscribe(channel)
            while not self._closing.is_set():
                # Being subscribed, again too, is a message of its own.
                if messages.get_message(timeout=_LOOK_SECONDS) is not None and not self._closing.is_set():
                    self._listening = True
                    self._on_nudge()


def _send() -> None:
    if not _breaker.allows():
        return
    try:
        redis_client.client(timeout=_SEND_SECONDS).publish(_channel(), "")
    except RedisError as error:
        _breaker.failed(error)
    else:
        _breaker.worked()


def _channel() -> str:
    return f"{redis_client.namespace()}:nudge"
