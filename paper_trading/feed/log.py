"""The recent frames of every topic, kept so that a watcher who was away gets what he missed.

In Redis for all processes where there is one, otherwise in the memory of this one. A watcher takes ``head``, then his
snapshot from the database, and ``read``s on from there; he keeps the epoch and the number of the last frame he saw.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from django.conf import settings

from paper_trading import redis_client
from paper_trading.feed.envelope import Batch, Frame, Mark
from paper_trading.feed.memory_log import MemoryLog
from paper_trading.feed.redis_log import RedisLog

MOST_AT_ONCE = 500


class Log(Protocol):
    """Where frames are kept. In Redis everything may raise ``RedisError``; in memory nothing does."""

    def append(self, batch: Batch) -> None: ...
    def head(self, topic: str) -> Mark: ...
    def heads(self, topics: Sequence[str]) -> list[Mark]: ...
    def read(self, topic: str, *, epoch: str, after_seq: int, limit: int) -> list[Frame] | None: ...
    def tail(self, topic: str, *, count: int) -> list[Frame]: ...


def head(topic: str) -> Mark:
    """Where the topic is now; one that was never written to begins here. Raises ``RedisError``."""
    return log().head(topic)


def heads(topics: Sequence[str]) -> list[Mark]:
    """``head`` of each, asked for together. Raises ``RedisError``."""
    return log().heads(topics)


def read(topic: str, *, epoch: str, after_seq: int, limit: int = MOST_AT_ONCE) -> list[Frame] | None:
    """The frames that follow ``after_seq``, oldest first and without a gap, at most ``limit``.

    None where they are not to be had any more: the epoch has ended, or they were trimmed. The watcher then takes
    ``head`` and a new snapshot. Raises ``RedisError``.
    """
    return log().read(topic, epoch=epoch, after_seq=after_seq, limit=limit)


def tail(topic: str, *, count: int = 1) -> list[Frame]:
    """The newest ``count`` frames of the topic's present epoch, oldest first: all there is to know of a state topic.

    Raises ``RedisError``.
    """
    return log().tail(topic, count=count)


def log() -> Log:
    """Where this process keeps frames: the same object every time."""
    return _log(settings.REDIS_URL, redis_client.namespace())


def forget() -> None:
    """The next log is a new one: what the memory of a forked process holds is its parent's."""
    _log.cache_clear()


@lru_cache(maxsize=4)
def _log(url: str, namespace: str) -> Log:
    return MemoryLog() if url == "" else RedisLog(url, f"{namespace}:feed")
