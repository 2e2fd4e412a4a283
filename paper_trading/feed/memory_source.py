import asyncio
import threading
from collections.abc import Collection
from contextlib import suppress

from paper_trading.feed.envelope import Frame, Mark
from paper_trading.feed.memory_log import ALL_FRAMES, MemoryLog
from paper_trading.feed.source import Marks, News


class MemorySource:
    """See ``source.Source``. The log is written to in other threads than the one of the running loop."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._lock = threading.Lock()
        self._touched: set[str] = set()
        log.watch(self._touch)

    async def head(self, topic: str) -> Mark:
        return self._log.head(topic)

    async def newest(self, topic: str) -> Frame | None:
        return next(iter(self._log.tail(topic, count=1)), None)

    async def read(self, topic: str, mark: Mark) -> list[Frame] | None:
        return self._log.read(topic, epoch=mark.epoch, after_seq=mark.seq, limit=ALL_FRAMES)

    async def wait(self, marks: Marks) -> list[News]:
        await self._woken.wait()
        self._woken.clear()
        with self._lock:
            touched, self._touched = self._touched, set()
        # As they are now: whoever joined while this waited must not miss what woke it.
        present = marks()
        return [
            News(topic=topic, after=present[topic], frames=await self.read(topic, present[topic]))
            for topic in touched & present.keys()
        ]

    async def wake(self) -> None:
        self._woken.set()

    def _touch(self, topics: Collection[str]) -> None:
        with self._lock:
            first = not self._touched
            self._touched.update(topics)
        # A loop that has ended must not end the thread that writes.
        with suppress(RuntimeError):
            if first:
                self._loop.call_soon_threadsafe(self._woken.set)
