import json
from itertools import count

import pytest

from paper_trading.feed.envelope import Batch, Frame, message
from paper_trading.feed.log import Log
from paper_trading.feed.memory_log import MemoryLog
from paper_trading.feed.redis_log import RedisLog
from tests.paper_trading.feed.conftest import ROOM
from tests.support.redis_server import RedisServer

TOPIC = "session:1"
_numbers = count(1)


def add(log: Log, *values: int, topic: str = TOPIC, resets: tuple[str, ...] = ()) -> None:
    messages = [message(topic, "entry", {"value": value}) for value in values]
    log.append(Batch(writer="test", number=next(_numbers), messages=messages, resets=resets))


def values(frames: list[Frame] | None) -> list[int]:
    assert frames is not None
    return [json.loads(frame.text)["data"]["value"] for frame in frames]


def test_a_frame_says_where_it_stands_and_what_happened(any_log: Log) -> None:
    add(any_log, 7)
    (frame,) = any_log.tail(TOPIC, count=1)
    told = json.loads(frame.text)
    assert told["ts"].endswith("Z")
    del told["ts"]
    assert told == {"v": 1, "topic": TOPIC, "epoch": frame.epoch, "seq": 1, "type": "entry", "data": {"value": 7}}


def test_frames_are_numbered_without_gaps_within_each_topic(any_log: Log) -> None:
    add(any_log, 1, 2)
    add(any_log, 9, topic="session:2")
    add(any_log, 3)
    assert [frame.seq for frame in any_log.tail(TOPIC, count=10)] == [1, 2, 3]
    assert [frame.seq for frame in any_log.tail("session:2", count=10)] == [1]


def test_a_watcher_reads_on_from_the_last_frame_he_saw(any_log: Log) -> None:
    add(any_log, 1, 2, 3)
    mark = any_log.head(TOPIC)
    assert mark.seq == 3
    add(any_log, 4, 5)
    assert values(any_log.read(TOPIC, epoch=mark.epoch, after_seq=3, limit=10)) == [4, 5]
    assert values(any_log.read(TOPIC, epoch=mark.epoch, after_seq=1, limit=2)) == [2, 3]


def test_a_watcher_who_saw_everything_gets_nothing(any_log: Log) -> None:
    add(any_log, 1)
    mark = any_log.head(TOPIC)
    assert any_log.read(TOPIC, epoch=mark.epoch, after_seq=1, limit=10) == []


def test_the_head_of_a_silent_topic_is_where_it_begins(any_log: Log) -> None:
    mark = any_log.head(TOPIC)
    add(any_log, 1)
    assert values(any_log.read(TOPIC, epoch=mark.epoch, after_seq=0, limit=10)) == [1]


def test_the_heads_of_many_topics_are_those_of_each(any_log: Log) -> None:
    add(any_log, 1, 2)
    add(any_log, 9, topic="session:2")
    topics = [TOPIC, "session:2", "session:3"]
    heads = any_log.heads(topics)
    assert [mark.seq for mark in heads] == [2, 1, 0]
    assert heads == [any_log.head(topic) for topic in topics]


@pytest.mark.parametrize(("epoch", "after_seq"), [("another", 0), (None, 2), (None, -1)])
def test_a_place_that_is_none_of_the_topics_needs_a_snapshot(any_log: Log, epoch: str | None, after_seq: int) -> None:
    add(any_log, 1)
    present = any_log.head(TOPIC).epoch
    assert any_log.read(TOPIC, epoch=epoch or present, after_seq=after_seq, limit=10) is None


def test_what_was_trimmed_needs_a_snapshot_and_what_was_kept_does_not(any_log: Log) -> None:
    for value in range(4 * ROOM):
        add(any_log, value)
    mark = any_log.head(TOPIC)
    assert any_log.read(TOPIC, epoch=mark.epoch, after_seq=ROOM, limit=10) is None
    kept = any_log.read(TOPIC, epoch=mark.epoch, after_seq=3 * ROOM, limit=4 * ROOM)
    assert values(kept) == list(range(3 * ROOM, 4 * ROOM))


def test_a_reset_topic_begins_again_and_other_topics_go_on(any_log: Log) -> None:
    add(any_log, 1, 2)
    add(any_log, 1, topic="session:2")
    before, other = any_log.head(TOPIC), any_log.head("session:2")
    add(any_log, 3, resets=(TOPIC,))
    after = any_log.head(TOPIC)
    assert after.epoch != before.epoch
    assert after.seq == 1
    assert any_log.read(TOPIC, epoch=before.epoch, after_seq=2, limit=10) is None
    assert values(any_log.tail(TOPIC, count=10)) == [3], "frames of an earlier epoch are no part of this one"
    assert any_log.head("session:2") == other


def test_epochs_never_return(any_log: Log) -> None:
    epochs = set()
    for value in range(20):
        add(any_log, value, resets=(TOPIC,))
        epochs.add(any_log.head(TOPIC).epoch)
    assert len(epochs) == 20


def test_a_batch_that_comes_twice_is_added_once(shared_redis: RedisServer) -> None:
    shared_redis.connect().flushall()
    log = RedisLog(shared_redis.url, "test")
    batch = Batch(writer="one", number=1, messages=[message(TOPIC, "entry", {"value": 1})])
    log.append(batch)
    log.append(batch)
    assert values(log.tail(TOPIC, count=10)) == [1]


def test_a_server_that_starts_again_with_what_it_kept_begins_a_new_epoch(redis: RedisServer) -> None:
    log = RedisLog(redis.url, "test")
    add(log, 1, 2)
    before = log.head(TOPIC)
    redis.kill()
    redis.start()
    assert log.read(TOPIC, epoch=before.epoch, after_seq=1, limit=10) is None, "the newest frames may be lost"
    add(log, 3)
    after = log.head(TOPIC)
    assert after.epoch > before.epoch
    assert values(log.read(TOPIC, epoch=after.epoch, after_seq=0, limit=10)) == [3]


def test_a_server_that_forgot_everything_begins_a_new_epoch(shared_redis: RedisServer) -> None:
    log = RedisLog(shared_redis.url, "test")
    add(log, 1)
    before = log.head(TOPIC)
    shared_redis.connect().flushall()
    add(log, 2)
    assert log.head(TOPIC).epoch != before.epoch
    assert values(log.tail(TOPIC, count=10)) == [2]


def test_ids_rise_over_epochs_so_that_a_reader_that_waits_misses_none(shared_redis: RedisServer) -> None:
    log = RedisLog(shared_redis.url, "test")
    add(log, 1, 2, 3)
    add(log, 4, resets=(TOPIC,))
    entries = shared_redis.connect().xrange(f"test:{TOPIC}:log")
    ids = [tuple(int(part) for part in entry_id.split("-")) for entry_id, _ in entries]
    assert ids == sorted(ids)
    assert json.loads(entries[-1][1]["f"])["data"] == {"value": 4}


def test_memory_forgets_the_topic_that_was_silent_for_longest() -> None:
    log = MemoryLog(topic_frames=10, all_frames=20)
    for topic in ("a", "b", "a", "c"):
        add(log, *range(7), topic=topic)
    assert log.tail("b", count=10) == []
    assert len(log.tail("a", count=20)) == 10
    assert len(log.tail("c", count=20)) == 7
