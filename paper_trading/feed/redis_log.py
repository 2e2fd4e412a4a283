"""The log that all processes of an installation share: one Redis stream a topic.

An entry's id is ``<epoch's first microsecond>-<seq>``, so that ids rise over epochs too and any range of frames is one
look-up. Numbers are given and frames added by one script, which nothing can interrupt. An epoch belongs to one run of
the server, because a server that starts again may have lost the newest frames: from then on it is another epoch.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from redis.commands.core import Script

from paper_trading import redis_client
from paper_trading.feed.envelope import Batch, Frame, Mark, opening
from paper_trading.feed.redis_scripts import APPEND, HEAD, READ, TAIL

TOPIC_FRAMES = 500
KEEP_SECONDS = 86_400
"""A topic without news for so long is forgotten."""

TIMEOUT = 2.0


class RedisLog:
    """See ``log.Log``. ``prefix`` begins every key."""

    def __init__(self, url: str, prefix: str, *, topic_frames: int = TOPIC_FRAMES) -> None:
        self.url = url
        self.prefix = prefix
        self._topic_frames = topic_frames
        redis = self._redis = redis_client.connect(url, timeout=TIMEOUT)
        self._append: Script = redis.register_script(APPEND)
        self._head: Script = redis.register_script(HEAD)
        self._read: Script = redis.register_script(READ)
        self._tail: Script = redis.register_script(TAIL)

    def append(self, batch: Batch) -> None:
        places: dict[str, int] = {}
        for topic in [*batch.resets, *(message.topic for message in batch.messages)]:
            places.setdefault(topic, len(places) + 1)
        keys = [f"{self.prefix}:writer:{batch.writer}"]
        arguments: list[Any] = [batch.number, new_suffix(), self._topic_frames, KEEP_SECONDS, len(places)]
        for topic in places:
            keys += keys_of(self.prefix, topic)
            arguments += [opening(topic), int(topic in batch.resets)]
        for message in batch.messages:
            arguments += [places[message.topic], message.body]
        self._append(keys=keys, args=arguments)

    def head(self, topic: str) -> Mark:
        epoch, seq = self._head(keys=keys_of(self.prefix, topic), args=[new_suffix(), KEEP_SECONDS])
        return Mark(epoch=epoch.decode(), seq=seq)

    def heads(self, topics: Sequence[str]) -> list[Mark]:
        pipeline = self._redis.pipeline(transaction=False)
        for topic in topics:
            self._head(keys=keys_of(self.prefix, topic), args=[new_suffix(), KEEP_SECONDS], client=pipeline)
        return [Mark(epoch=epoch.decode(), seq=seq) for epoch, seq in pipeline.execute()]

    def read(self, topic: str, *, epoch: str, after_seq: int, limit: int) -> list[Frame] | None:
        texts = self._read(keys=keys_of(self.prefix, topic), args=[epoch, after_seq, limit])
        return None if texts is None else frames_of(topic, epoch, after_seq + 1, texts)

    def tail(self, topic: str, *, count: int) -> list[Frame]:
        answer = self._tail(keys=keys_of(self.prefix, topic), args=[count])
        if not answer:
            return []
        epoch, seq, *texts = answer
        return frames_of(topic, epoch.decode(), seq - len(texts) + 1, texts[::-1])


def keys_of(prefix: str, topic: str) -> list[str]:
    """Where it stands, and its frames."""
    return [f"{prefix}:{topic}:meta", f"{prefix}:{topic}:log"]


def frames_of(topic: str, epoch: str, first: int, texts: Sequence[bytes]) -> list[Frame]:
    return [Frame(topic=topic, epoch=epoch, seq=seq, text=text.decode()) for seq, text in enumerate(texts, start=first)]


def new_suffix() -> str:
    return uuid.uuid4().hex[:8]
