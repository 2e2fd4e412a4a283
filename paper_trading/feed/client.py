"""One client of the feed: the topics that he hears, and how much he may ask."""

import asyncio
import time

from paper_trading.feed.ears import Ear, told
from paper_trading.feed.envelope import Mark
from paper_trading.feed.hub import Hub
from paper_trading.feed.pipe import Pipe

MOST_TOPICS = 64
IDLE_SECONDS = 60.0
"""Without a topic, a socket is of no use to anybody."""

MESSAGES_AT_ONCE, MESSAGES_A_SECOND = 150.0, 10.0
"""A page that comes back asks for all its topics at once."""

NOTHING_ASKED = 1008


class Client:
    def __init__(self, pipe: Pipe, hub: Hub) -> None:
        self.pipe = pipe
        self._hub = hub
        self._ears: dict[str, Ear] = {}
        self._joins: dict[str, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._allowance, self._counted_at = MESSAGES_AT_ONCE, time.monotonic()
        self._idle = self._loop.call_later(IDLE_SECONDS, pipe.close, NOTHING_ASKED)
        hub.enter(pipe)

    def may_speak(self) -> bool:
        """Count one message; False beyond what a client may send."""
        now = time.monotonic()
        earned = (now - self._counted_at) * MESSAGES_A_SECOND
        self._allowance = min(MESSAGES_AT_ONCE, self._allowance + earned) - 1
        self._counted_at = now
        return self._allowance >= 0

    def subscribe(self, *, asked: str, topic: str, mark: Mark | None) -> None:
        """From ``mark`` on, or from now. One that is heard already begins anew from there."""
        self._part(topic)
        if len(self._ears) >= MOST_TOPICS:
            self.refuse(asked, "too_many_topics")
            return
        self._idle.cancel()
        ear = self._ears[topic] = Ear(pipe=self.pipe, asked=asked, topic=topic)
        self._joins[topic] = asyncio.create_task(self._hub.join(ear, mark))

    def unsubscribe(self, *, asked: str, topic: str) -> None:
        self._part(topic)
        self.pipe.tell(told("unsubscribed", asked=asked))
        if not self._ears:
            self._idle.cancel()
            self._idle = self._loop.call_later(IDLE_SECONDS, self.pipe.close, NOTHING_ASKED)

    def refuse(self, asked: str, code: str) -> None:
        self.pipe.tell(told("refused", asked=asked, code=code))

    def gone(self) -> None:
        self._idle.cancel()
        for topic in list(self._ears):
            self._part(topic)
        self._hub.leave(self.pipe)

    def _part(self, topic: str) -> None:
        ear = self._ears.pop(topic, None)
        if ear is not None:
            self._joins.pop(topic).cancel()
            self._hub.part(ear)
