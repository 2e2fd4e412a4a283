"""The log of a program that is one process."""

import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice

from paper_trading.feed.envelope import Batch, Frame, Mark, frame

TOPIC_FRAMES = 500
ALL_FRAMES = 50_000
"""Some 20 MB. Beyond it, the topic that was silent for longest is forgotten."""


@dataclass(slots=True)
class _Topic:
    epoch: str
    seq: int = 0
    frames: deque[Frame] = field(default_factory=deque)


class MemoryLog:
    """See ``log.Log``. Safe between threads."""

    def __init__(self, *, topic_frames: int = TOPIC_FRAMES, all_frames: int = ALL_FRAMES) -> None:
        self._topic_frames = topic_frames
        self._all_frames = all_frames
        self._lock = threading.Lock()
        self._topics: OrderedDict[str, _Topic] = OrderedDict()
        self._count = 0
        self._watchers: tuple[Callable[[Collection[str]], None], ...] = ()

    def watch(self, touched: Callable[[Collection[str]], None]) -> None:
        """``touched`` hears which topics were written to or began anew, in the thread that did it: it must be quick."""
        with self._lock:
            self._watchers += (touched,)

    def append(self, batch: Batch) -> None:
        """What is appended in memory is there: no batch ever comes twice."""
        with self._lock:
            for name in batch.resets:
                self._forget(name)
            for message in batch.messages:
                topic = self._topic(message.topic)
                self._topics.move_to_end(message.topic)
                topic.seq += 1
                topic.frames.append(frame(message, epoch=topic.epoch, seq=topic.seq))
                self._count += 1
                if len(topic.frames) > self._topic_frames:
                    topic.frames.popleft()
                    self._count -= 1
            while self._count > self._all_frames:
                self._forget(next(iter(self._topics)))
            watchers = self._watchers
        topics = {message.topic for message in batch.messages} | set(batch.resets)
        for touched in watchers:
            touched(topics)

    def head(self, topic: str) -> Mark:
        with self._lock:
            found = self._topic(topic)
            return Mark(epoch=found.epoch, seq=found.seq)

    def heads(self, topics: Sequence[str]) -> list[Mark]:
        return [self.head(topic) for topic in topics]

    def read(self, topic: str, *, epoch: str, after_seq: int, limit: int) -> list[Frame] | None:
        with self._lock:
            found = self._topics.get(topic)
            if found is None or found.epoch != epoch or not found.seq - len(found.frames) <= after_seq <= found.seq:
                return None
            first = after_seq - (found.seq - len(found.frames))
            return list(islice(found.frames, first, first + limit))

    def tail(self, topic: str, *, count: int) -> list[Frame]:
        with self._lock:
            found = self._topics.get(topic)
            return [] if found is None else list(found.frames)[-count:]

    def _topic(self, name: str) -> _Topic:
        if (found := self._topics.get(name)) is None:
            found = self._topics[name] = _Topic(f"{time.time_ns() // 1000}-{uuid.uuid4().hex[:8]}")
        return found

    def _forget(self, name: str) -> None:
        forgotten = self._topics.pop(name, None)
        self._count -= 0 if forgotten is None else len(forgotten.frames)
