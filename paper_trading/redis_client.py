"""How the program talks to Redis, which may be away at any time: briefly, and not again for a while after a failure."""

import hashlib
import logging
import threading
import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

_LOG_SECONDS = 60.0


def enabled() -> bool:
    """Whether there is a Redis to talk to at all."""
    return settings.REDIS_URL != ""


def address_problems(**_: object) -> list[CheckMessage]:
    """A system check: a wrong address is told once, before anything relies on it."""
    if not enabled():
        return []
    try:
        client(timeout=1.0)
    except ValueError as error:
        hint = "redis://HOST:PORT/DATABASE, or empty to do without"
        return [Error(f"REDIS_URL is no address of a Redis server: {error}", hint=hint, id="paper_trading.E001")]
    return []


def namespace() -> str:
    """What every key and channel of this installation begins with: two databases share a Redis undisturbed."""
    database = settings.DATABASES["default"]
    return _namespace(str(database["NAME"]), database["ENGINE"] == "django.db.backends.sqlite3")


@lru_cache(maxsize=8)
def _namespace(database: str, is_file: bool) -> str:
    name = str(Path(database).resolve()) if is_file else database  # however the process was told where the file is
    return f"dex:{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def client(*, timeout: float) -> Redis:
    """The installation's server, as ``connect`` gives it."""
    return connect(settings.REDIS_URL, timeout=timeout)


@lru_cache(maxsize=8)
def connect(url: str, *, timeout: float) -> Redis:
    """Connecting and each answer take at most ``timeout`` seconds, and nothing is tried twice. Safe between threads
    and after a fork."""
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0))


class Breaker:
    """Keeps everybody away from a server that failed: for ``rest`` seconds, after which one caller tries again.

    ``name`` says in the log what is missing meanwhile, once a minute.
    """

    def __init__(self, name: str, *, rest: float) -> None:
        self._name = name
        self._rest = rest
        self._lock = threading.Lock()
        self._until: float | None = None
        self._logged = -_LOG_SECONDS

    def allows(self) -> bool:
        """Whether the caller may try now; it then says whether it ``worked`` or ``failed``."""
        if self._until is None:
            return True
        now = time.monotonic()
        with self._lock:
            if self._until is not None and now < self._until:
                return False
            self._until = now + self._rest
            return True

    def worked(self) -> None:
        if self._until is not None:
            self._until = None
            logger.info("%s: Redis answers again", self._name)

    def failed(self, error: Exception) -> None:
        now = time.monotonic()
        with self._lock:
            self._until = now + self._rest
            quiet = now - self._logged < _LOG_SECONDS
            if not quiet:
                self._logged = now
        if not quiet:
            logger.warning("%s: Redis does not answer: %s", self._name, error)
