"""Reads every topic that somebody here listens to once, and hands its frames to all who do.

There is one in a process that serves sockets. It knows no users and asks no database: who may hear what is decided
before. Everything happens in the thread of its loop.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from paper_trading.feed.ears import Ear, is_state, told
from paper_trading.feed.envelope import Frame, Mark
from paper_trading.feed.pipe import Pipe, encoded
from paper_trading.feed.source import News, Source

logger = logging.getLogger(__name__)

AWAY = (RedisError, OSError)
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
GOING_WRONG = 1011


@dataclass(slots=True, eq=False)
class _Topic:
    """``mark`` is the last frame that was handed on, None before the source was asked. ``wanted`` counts those who are
    about to join. ``newest`` is the present state of a state topic."""

    name: str
    mark: Mark | None = None
    newest: Frame | None = None
    ears: set[Ear] = field(default_factory=set)
    wanted: int = 0
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


class Hub:
    """``ended`` is called where it fails; everybody has been sent away then, and the next one needs a new hub."""

    def __init__(self, source: Source, *, ended: Callable[[], None] = lambda: None) -> None:
        self._source = source
        self._ended = ended
        self._topics: dict[str, _Topic] = {}
        self._pipes: set[Pipe] = set()
        self._present = asyncio.Event()
        self._present.set()
        self._checked = True
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._over)

    def enter(self, pipe: Pipe) -> None:
        """From now on ``pipe`` is told when the source is away."""
        self._pipes.add(pipe)
        if not self._present.is_set():
            pipe.tell(told("stale"))

    def leave(self, pipe: Pipe) -> None:
        self._pipes.discard(pipe)

    async def join(self, ear: Ear, mark: Mark | None) -> None:
        """Hand what follows ``mark`` to ``ear``, or what follows from now on where that is not to be had.

        Waits while the source is away. Cancelled, nothing is left of it.
        """
        topic = self._topics.get(ear.topic)
        if topic is None:
            topic = self._topics[ear.topic] = _Topic(ear.topic)
        topic.wanted += 1
        try:
            while not await self._joined(topic, ear, mark):
                await self._present.wait()
        finally:
            topic.wanted -= 1
            self._tidy(topic)

    def part(self, ear: Ear) -> None:
        topic = self._topics.get(ear.topic)
        if topic is not None:
            topic.ears.discard(ear)
            self._tidy(topic)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _joined(self, topic: _Topic, ear: Ear, mark: Mark | None) -> bool:
        try:
            here = await self._open(topic)
            if is_state(topic.name):
                _show(topic, ear, mark)
            elif mark is None or not await self._resumed(topic, ear, mark):
                ear.subscribed(topic.mark or here, resumed=False)
        except AWAY as error:
            self._away(error)
            return False
        topic.ears.add(ear)
        return True

    async def _open(self, topic: _Topic) -> Mark:
        async with topic.opening:
            if topic.mark is None:
                topic.newest = await self._source.newest(topic.name) if is_state(topic.name) else None
                topic.mark = await self._source.head(topic.name) if topic.newest is None else _mark(topic.newest)
                await self._source.wake()
            return topic.mark

    async def _resumed(self, topic: _Topic, ear: Ear, mark: Mark) -> bool:
        """Whether ``ear`` has all that the topic has handed on. There is no wait between that and its joining."""
        if mark != topic.mark:
            missed = await self._source.read(topic.name, mark)
            if missed is None:
                return False
        else:
            missed = []
        ear.subscribed(mark, resumed=True)
        while True:
            ear.frames(missed)
            if topic.mark is None or topic.mark.epoch != mark.epoch:
                return False
            if ear.seq >= topic.mark.seq:
                return True
            missed = await self._source.read(topic.name, Mark(epoch=mark.epoch, seq=ear.seq)) or []
            if not missed:
                return False

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._check()
                pause = FIRST_PAUSE
                for news in await self._source.wait(self._marks):
                    await self._take(news)
            except AWAY as error:
                self._away(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _check(self) -> None:
        """A source that was away may have lost frames: each topic goes on from its mark, or begins anew."""
        if self._checked:
            return
        self._checked = True
        for name, mark in self._marks().items():
            await self._take(News(topic=name, after=mark, frames=await self._source.read(name, mark)))
        if not self._present.is_set():
            self._present.set()
            logger.info("the feed of sockets goes on")
            self._say("live")

    def _marks(self) -> dict[str, Mark]:
        return {name: topic.mark for name, topic in self._topics.items() if topic.mark is not None}

    async def _take(self, news: News) -> None:
        topic = self._topics.get(news.topic)
        if topic is None:
            return
        if topic.mark != news.after:
            # Everybody had left it, and somebody has come back.
            self._checked = False
        elif news.frames is None:
            await self._begin_anew(topic)
        elif news.frames:
            _hand_on(topic, news.frames)

    async def _begin_anew(self, topic: _Topic) -> None:
        newest = await self._source.newest(topic.name) if is_state(topic.name) else None
        topic.mark = mark = await self._source.head(topic.name) if newest is None else _mark(newest)
        topic.newest = newest
        for ear in topic.ears:
            ear.reset(mark)
            if newest is not None:
                ear.state(newest.seq, encoded(newest.text))

    def _away(self, error: Exception) -> None:
        self._checked = False
        if self._present.is_set():
            self._present.clear()
            logger.warning("the feed of sockets waits: Redis does not answer: %s", error)
            self._say("stale")

    def _say(self, op: str) -> None:
        message = told(op)
        for pipe in list(self._pipes):
            pipe.tell(message)

    def _tidy(self, topic: _Topic) -> None:
        if not topic.ears and topic.wanted == 0 and self._topics.get(topic.name) is topic:
            del self._topics[topic.name]

    def _over(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("the feed of sockets has failed", exc_info=error)
        for pipe in list(self._pipes):
            pipe.close(GOING_WRONG)
        self._ended()


def _hand_on(topic: _Topic, frames: list[Frame]) -> None:
    last = frames[-1]
    topic.mark = _mark(last)
    if is_state(topic.name):
        topic.newest = last
        message = encoded(last.text)
        for ear in list(topic.ears):
            ear.state(last.seq, message)
        return
    messages = [(frame.seq, encoded(frame.text)) for frame in frames]
    together = b"".join(message for _, message in messages)
    for ear in list(topic.ears):
        if ear.seq == frames[0].seq - 1:
            ear.frame(last.seq, together)
        else:
            for seq, message in messages:
                ear.frame(seq, message)


def _show(topic: _Topic, ear: Ear, mark: Mark | None) -> None:
    here = topic.mark
    if here is None:
        return
    newest = topic.newest
    shown = newest is not None and mark != here
    ear.subscribed(
        Mark(epoch=here.epoch, seq=here.seq - 1) if shown else here,
        resumed=mark is not None and mark.epoch == here.epoch,
    )
    if newest is not None and shown:
        ear.state(newest.seq, encoded(newest.text))


def _mark(frame: Frame) -> Mark:
    return Mark(epoch=frame.epoch, seq=frame.seq)
