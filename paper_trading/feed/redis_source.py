import uuid
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError  # noqa: A004

from paper_trading.feed.envelope import Frame, Mark
from paper_trading.feed.redis_log import KEEP_SECONDS, TIMEOUT, TOPIC_FRAMES, frames_of, keys_of, new_suffix
from paper_trading.feed.redis_scripts import HEAD, READ, TAIL
from paper_trading.feed.source import Marks, News

WAIT_MS = 1_000
Entry = tuple[bytes, Mapping[bytes, bytes]]


class RedisSource:
    """See ``source.Source``. One ``XREAD`` waits for all topics together; whoever changes them writes to ``_alarm``."""

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        patience = WAIT_MS / 1000 + TIMEOUT
        # A connection that the server closed while nobody used it tells nothing about the server.
        retry = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
        self._redis: Redis = Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=TIMEOUT, retry=retry)
        self._head = self._redis.register_script(HEAD)
        self._read = self._redis.register_script(READ)
        self._tail = self._redis.register_script(TAIL)
        self._alarm = f"{prefix}:hub:{uuid.uuid4().hex}"
        self._alarm_seen: bytes | str = "0-0"

    async def head(self, topic: str) -> Mark:
        epoch, seq = await self._head(keys=keys_of(self._prefix, topic), args=[new_suffix(), KEEP_SECONDS])
        return Mark(epoch=epoch.decode(), seq=seq)

    async def newest(self, topic: str) -> Frame | None:
        answer = await self._tail(keys=keys_of(self._prefix, topic), args=[1])
        if len(answer) < 3:
            return None
        epoch, seq, text = answer
        return Frame(topic=topic, epoch=epoch.decode(), seq=seq, text=text.decode())

    async def read(self, topic: str, mark: Mark) -> list[Frame] | None:
        arguments: list[str | int] = [mark.epoch, mark.seq, 2 * TOPIC_FRAMES]
        texts = await self._read(keys=keys_of(self._prefix, topic), args=arguments)
        return None if texts is None else frames_of(topic, mark.epoch, mark.seq + 1, texts)

    async def wait(self, marks: Marks) -> list[News]:
        present = marks()
        topics = {keys_of(self._prefix, topic)[1].encode(): topic for topic in present}
        places: dict[Any, Any] = {key: _id(present[topic]) for key, topic in topics.items()}
        places[self._alarm] = self._alarm_seen
        answer: Any = await self._redis.xread(places, count=TOPIC_FRAMES, block=WAIT_MS)
        found = []
        for key, entries in answer or ():
            if (topic := topics.get(key)) is None:
                self._alarm_seen = entries[-1][0]
            else:
                after = present[topic]
                found.append(News(topic=topic, after=after, frames=_frames(topic, after, entries)))
        return found

    async def wake(self) -> None:
        async with self._redis.pipeline(transaction=False) as together:
            together.xadd(self._alarm, {"a": 1}, maxlen=1)
            together.expire(self._alarm, KEEP_SECONDS)
            await together.execute()


def _id(mark: Mark) -> str:
    return f"{_began(mark.epoch)}-{mark.seq}"


def _began(epoch: str) -> str:
    return epoch.partition("-")[0]


def _frames(topic: str, mark: Mark, entries: list[Entry]) -> list[Frame] | None:
    began, seq, frames = _began(mark.epoch), mark.seq, []
    for entry_id, fields in entries:
        seq += 1
        if entry_id != f"{began}-{seq}".encode():
            return None
        frames.append(Frame(topic=topic, epoch=mark.epoch, seq=seq, text=fields[b"f"].decode()))
    return frames
