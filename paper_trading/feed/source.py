"""Where a hub has its frames from: the memory of its process, or a Redis."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from paper_trading.feed.envelope import Frame, Mark

Marks = Callable[[], Mapping[str, Mark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """``frames`` follow the mark ``after`` without a gap; None where what follows is not to be had."""

    topic: str
    after: Mark
    frames: list[Frame] | None


class Source(Protocol):
    """``RedisError`` and ``OSError`` mean that it is away for now, and that what it says next must be checked."""

    async def head(self, topic: str) -> Mark: ...

    async def newest(self, topic: str) -> Frame | None:
        """The last frame of the topic's present epoch."""

    async def read(self, topic: str, mark: Mark) -> list[Frame] | None:
        """See ``log.read``."""

    async def wait(self, marks: Marks) -> list[News]:
        """What comes after what ``marks`` says, as soon as anything does, or nothing after a while or a ``wake``."""

    async def wake(self) -> None:
        """The topics have changed."""
