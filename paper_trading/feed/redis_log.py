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

TOPIC_FRAMES = 500
KEEP_SECONDS = 86_400
"""A topic without news for so long is forgotten."""

TIMEOUT = 2.0

_EPOCHS = """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')

local function present(meta)
  local found = redis.call('HMGET', meta, 'epoch', 'seq', 'began', 'run')
  if found[1] and found[4] == run then
    return {epoch = found[1], seq = tonumber(found[2]), began = found[3]}
  end
  return nil, found[3]
end

local function start(meta, log, suffix)
  local _, earlier = present(meta)
  earlier = earlier or redis.call('HGET', meta, 'began')
  if not earlier then redis.call('DEL', log) end
  local clock = redis.call('TIME')
  local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
  if earlier and now <= tonumber(earlier) then now = tonumber(earlier) + 1 end
  local began = string.format('%.0f', now)
  local epoch = began .. '-' .. suffix
  redis.call('HSET', meta, 'epoch', epoch, 'seq', 0, 'began', began, 'run', run)
  return {epoch = epoch, seq = 0, began = began}
end
"""

# KEYS: the writer's newest batch, then meta and log of each topic.
# ARGV: batch number, suffix of new epochs, frames to keep, seconds to keep, number of topics,
#       then for each topic its opening and 1 where it begins anew, then topic index and body of each message.
_APPEND = (
    _EPOCHS
    + """
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
local topics, count, at = {}, tonumber(ARGV[5]), 6
for i = 1, count do
  local meta, log = KEYS[2 * i], KEYS[2 * i + 1]
  local topic = ARGV[at + 1] ~= '1' and present(meta) or start(meta, log, ARGV[2])
  topic.opening = ARGV[at] .. topic.epoch .. '","seq":'
  topics[i] = topic
  at = at + 2
end
while at < #ARGV do
  local i = tonumber(ARGV[at])
  local topic = topics[i]
  topic.seq = topic.seq + 1
  local frame = topic.opening .. string.format('%.0f', topic.seq) .. ',' .. ARGV[at + 1]
  local id = topic.began .. '-' .. string.format('%.0f', topic.seq)
  redis.call('XADD', KEYS[2 * i + 1], 'MAXLEN', '~', ARGV[3], id, 'f', frame)
  at = at + 2
end
for i = 1, count do
  redis.call('HSET', KEYS[2 * i], 'seq', string.format('%.0f', topics[i].seq))
  redis.call('EXPIRE', KEYS[2 * i], ARGV[4])
  redis.call('EXPIRE', KEYS[2 * i + 1], ARGV[4])
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[4])
return 1
"""
)

# KEYS: meta, log. ARGV: suffix of a new epoch, seconds to keep.
_HEAD = (
    _EPOCHS
    + """
local topic = present(KEYS[1])
if not topic then
  topic = start(KEYS[1], KEYS[2], ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return {topic.epoch, topic.seq}
"""
)

# KEYS: meta, log. ARGV: epoch, number after which, limit. Answers nil where the frames are gone.
_READ = (
    _EPOCHS
    + """
local topic, after = present(KEYS[1]), tonumber(ARGV[2])
if not topic or topic.epoch ~= ARGV[1] or after > topic.seq or after < 0 then return false end
if after == topic.seq then return {} end
local first = topic.began .. '-' .. string.format('%.0f', after + 1)
local found = redis.call('XRANGE', KEYS[2], first, '+', 'COUNT', ARGV[3])
if #found == 0 or found[1][1] ~= first then return false end
local frames = {}
for i, entry in ipairs(found) do frames[i] = entry[2][2] end
return frames
"""
)

# KEYS: meta, log. ARGV: how many. Answers the epoch, the number of the newest frame, then frames, newest first.
_TAIL = (
    _EPOCHS
    + """
local topic = present(KEYS[1])
if not topic then return {} end
local answer = {topic.epoch, topic.seq}
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[2], '+', topic.began .. '-0', 'COUNT', ARGV[1])) do
  answer[#answer + 1] = entry[2][2]
end
return answer
"""
)


class RedisLog:
    """See ``log.Log``. ``prefix`` begins every key."""

    def __init__(self, url: str, prefix: str, *, topic_frames: int = TOPIC_FRAMES) -> None:
        self._prefix = prefix
        self._topic_frames = topic_frames
        redis = redis_client.connect(url, timeout=TIMEOUT)
        self._append: Script = redis.register_script(_APPEND)
        self._head: Script = redis.register_script(_HEAD)
        self._read: Script = redis.register_script(_READ)
        self._tail: Script = redis.register_script(_TAIL)

    def append(self, batch: Batch) -> None:
        places: dict[str, int] = {}
        for topic in [*batch.resets, *(message.topic for message in batch.messages)]:
            places.setdefault(topic, len(places) + 1)
        keys = [f"{self._prefix}:writer:{batch.writer}"]
        arguments: list[Any] = [batch.number, _suffix(), self._topic_frames, KEEP_SECONDS, len(places)]
        for topic in places:
            keys += self._keys(topic)
            arguments += [opening(topic), int(topic in batch.resets)]
        for message in batch.messages:
            arguments += [places[message.topic], message.body]
        self._append(keys=keys, args=arguments)

    def head(self, topic: str) -> Mark:
        epoch, seq = self._head(keys=self._keys(topic), args=[_suffix(), KEEP_SECONDS])
        return Mark(epoch=epoch.decode(), seq=seq)

    def read(self, topic: str, *, epoch: str, after_seq: int, limit: int) -> list[Frame] | None:
        texts = self._read(keys=self._keys(topic), args=[epoch, after_seq, limit])
        return None if texts is None else _frames(topic, epoch, after_seq + 1, texts)

    def tail(self, topic: str, *, count: int) -> list[Frame]:
        answer = self._tail(keys=self._keys(topic), args=[count])
        if not answer:
            return []
        epoch, seq, *texts = answer
        return _frames(topic, epoch.decode(), seq - len(texts) + 1, texts[::-1])

    def _keys(self, topic: str) -> list[str]:
        return [f"{self._prefix}:{topic}:meta", f"{self._prefix}:{topic}:log"]


def _frames(topic: str, epoch: str, first: int, texts: Sequence[bytes]) -> list[Frame]:
    return [Frame(topic=topic, epoch=epoch, seq=seq, text=text.decode()) for seq, text in enumerate(texts, start=first)]


def _suffix() -> str:
    return uuid.uuid4().hex[:8]
