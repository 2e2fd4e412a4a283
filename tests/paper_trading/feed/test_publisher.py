import gc
import json
import subprocess
import sys
import threading
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from paper_trading.feed import log as feed_log
from paper_trading.feed import publisher as module
from paper_trading.feed.envelope import Frame, alerts_topic, message, portfolio_topic, session_topic
from paper_trading.feed.log import Log
from paper_trading.feed.memory_log import MemoryLog
from paper_trading.feed.publisher import Publisher, publish_state, reset_session
from paper_trading.feed.redis_log import RedisLog
from paper_trading.signals import Change, announce
from tests.support.redis_server import RedisServer

TOPIC = session_topic(1)
WAIT_SECONDS = 10.0
WRITER = """
import sys
from paper_trading.feed.envelope import message
from paper_trading.feed.publisher import Publisher
from paper_trading.feed.redis_log import RedisLog
publisher = Publisher(RedisLog(sys.argv[1], "test", topic_frames=5_000))
print("ready", flush=True)
sys.stdin.read(1)
for value in range(1_000):
    publisher.put([message("session:1", "entry", {"from": sys.argv[2], "value": value})])
sys.exit(not publisher.flush(10.0))
"""

FORKED = """
import os, sys
from paper_trading.feed import publisher
from paper_trading.feed.envelope import session_topic
tell = lambda name: publisher.publish_event(session_topic(1), "entry", {"value": name})
tell("parent")
assert publisher.flush(10.0)
if (child := os.fork()) == 0:
    tell("child")
    os._exit(not publisher.flush(10.0))
assert os.waitpid(child, 0)[1] == 0
tell("parent again")  # told by its exit
"""


def change(value: int, **about: int) -> Change:
    return Change(kind="entry", user_id=1, **{"session_id": 1, **about}, data={"value": value})


def told(topic: str = TOPIC) -> list[int]:
    """The values in the program's own feed."""
    assert module.flush(WAIT_SECONDS)
    return values(feed_log.tail(topic, count=100))


def values(frames: list[Frame]) -> list[int]:
    return [json.loads(frame.text)["data"]["value"] for frame in frames]


def put(publisher: Publisher, *numbers: int, topic: str = TOPIC) -> None:
    for value in numbers:
        publisher.put([message(topic, "entry", {"value": value})])


@pytest.mark.usefixtures("feed")
@pytest.mark.django_db(transaction=True)
def test_committed_changes_are_told_once_and_in_order() -> None:
    with transaction.atomic():
        announce(change(1))
        announce(change(2))
        assert told() == []
    announce(change(3))
    assert told() == [1, 2, 3]


@pytest.mark.usefixtures("feed")
@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_was_rolled_back() -> None:
    with transaction.atomic():
        announce(change(1))
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.usefixtures("feed")
@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_was_rolled_back_is_not_told_and_what_is_around_it_is() -> None:
    with transaction.atomic():
        announce(change(1))
        with transaction.atomic():
            announce(change(2))
            transaction.set_rollback(True)
        announce(change(3))
    assert told() == [1, 3]


@pytest.mark.django_db(transaction=True)
def test_without_redis_the_feed_is_in_memory() -> None:
    module.forget()
    announce(change(1))
    assert told() == [1]
    module.forget()


@pytest.mark.usefixtures("feed")
@pytest.mark.django_db(transaction=True)
def test_a_fill_is_told_to_its_session_and_to_its_owner_alone() -> None:
    announce(Change(kind="exit_fill", user_id=5, session_id=1, account_id=3, data={"value": 1}))
    module.flush(WAIT_SECONDS)
    (frame,) = feed_log.tail(portfolio_topic(5))
    assert json.loads(frame.text)["data"] == {"session": 1, "account": 3, "value": 1}
    assert feed_log.tail(portfolio_topic(6)) == []
    assert len(feed_log.tail(TOPIC)) == 1


@pytest.mark.usefixtures("feed")
def test_a_session_that_is_taken_over_has_new_epochs_wherever_it_is_told() -> None:
    topics = (TOPIC, portfolio_topic(5), alerts_topic(5), session_topic(2))
    before = {topic: feed_log.head(topic).epoch for topic in topics}
    reset_session(session_id=1, user_id=5)
    assert module.flush(WAIT_SECONDS)
    assert [feed_log.head(topic).epoch != before[topic] for topic in topics] == [True, True, True, False]


def test_of_states_that_wait_only_the_newest_is_told(redis: RedisServer) -> None:
    log = RedisLog(redis.url, "test")
    publisher = Publisher(log)
    redis.kill()
    put(publisher, 0)  # keeps the thread busy
    time.sleep(0.05)
    for value in range(1, 50):
        publisher.put_state(message("market:devnet", "block", {"value": value}))
    redis.start()
    assert publisher.flush(WAIT_SECONDS)
    assert values(log.tail("market:devnet", count=100)) == [49]


@pytest.mark.usefixtures("feed")
def test_a_state_is_told_like_any_other_message() -> None:
    publish_state("gas:devnet", "gas", {"value": 4})
    assert told("gas:devnet") == [4]


def test_what_waited_while_redis_was_away_arrives_whole_and_in_order(redis: RedisServer) -> None:
    log = RedisLog(redis.url, "test")
    publisher = Publisher(log)
    put(publisher, *range(10))
    assert publisher.flush(WAIT_SECONDS)
    redis.kill()
    started = time.monotonic()
    put(publisher, *range(10, 400))
    assert time.monotonic() - started < 0.5, "the committing thread waited for Redis"
    redis.start()
    assert publisher.flush(WAIT_SECONDS)
    assert values(log.tail(TOPIC, count=1_000)) == list(range(10, 400)), "those before belong to the epoch before"


def test_a_server_that_hangs_gets_everything_once(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paper_trading.feed.redis_log.TIMEOUT", 0.2)
    log = RedisLog(redis.url, "test")
    publisher = Publisher(log)
    put(publisher, 0)
    assert publisher.flush(WAIT_SECONDS)
    redis.hang()
    put(publisher, 1)  # is received, but not answered in time
    time.sleep(0.5)
    put(publisher, 2, 3)
    redis.wake()
    assert publisher.flush(WAIT_SECONDS)
    assert values(log.tail(TOPIC, count=100)) == [0, 1, 2, 3]


def test_a_topic_that_lost_a_message_begins_a_new_epoch_and_others_do_not(redis: RedisServer) -> None:
    log = RedisLog(redis.url, "test")
    publisher = Publisher(Slow(log), most_waiting=10)
    put(publisher, 0)
    put(publisher, 0, topic="session:2")
    assert publisher.flush(WAIT_SECONDS)
    before, other = log.head(TOPIC), log.head("session:2")
    Slow.gate.clear()
    put(publisher, 1)
    time.sleep(0.05)
    put(publisher, *range(2, 20))
    put(publisher, 1, topic="session:2")
    Slow.gate.set()
    assert publisher.flush(WAIT_SECONDS)
    assert log.head(TOPIC).epoch != before.epoch
    assert values(log.tail(TOPIC, count=100)) == list(range(11, 20))
    assert log.head("session:2").epoch == other.epoch


class Slow:
    """A log that takes nothing while the gate is closed."""

    gate = threading.Event()
    gate.set()

    def __init__(self, log: Log) -> None:
        self._log = log

    def append(self, batch: object) -> None:
        self.gate.wait(WAIT_SECONDS)
        self._log.append(batch)  # type: ignore[arg-type]


def test_two_processes_write_one_topic_without_gap_or_double(
    shared_redis: RedisServer, settings: Settings, tmp_path: Path
) -> None:
    shared_redis.connect().flushall()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", f"import django; django.setup(){WRITER}", shared_redis.url, name],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"DJANGO_SETTINGS_MODULE": "dexproject.settings", "DEXPROJECT_VAR": str(tmp_path)},
        )
        for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"!")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    frames = RedisLog(shared_redis.url, "test").tail(TOPIC, count=5_000)
    assert [frame.seq for frame in frames] == list(range(1, 2_001))
    data = [json.loads(frame.text)["data"] for frame in frames]
    for name in ("a", "b"):
        assert [each["value"] for each in data if each["from"] == name] == list(range(1_000))
    assert any(first["from"] != second["from"] for first, second in pairwise(data)), "one wrote after the other"


def test_a_forked_process_tells_its_own_changes_and_no_other(
    shared_redis: RedisServer, settings: Settings, tmp_path: Path
) -> None:
    shared_redis.connect().flushall()
    environment = {"DEXPROJECT_VAR": str(tmp_path), "REDIS_URL": shared_redis.url}
    subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(){FORKED}"],
        cwd=settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "dexproject.settings", **environment},
        check=True,
        timeout=60,
    )
    (log,) = (key for key in shared_redis.connect().keys("*") if key.endswith(":log"))
    entries = [entry for _, entry in shared_redis.connect().xrange(log)]
    frames = [json.loads(entry["f"]) for entry in entries if "f" in entry]
    assert [frame["data"]["value"] for frame in frames] == ["parent", "child", "parent again"]
    assert [frame["seq"] for frame in frames] == [1, 2, 3]


def test_memory_is_bounded_while_redis_is_away(redis: RedisServer) -> None:
    publisher = Publisher(RedisLog(redis.url, "test"), most_waiting=1_000)
    redis.kill()
    put(publisher, *range(1_000))
    gc.collect()
    tracemalloc.start()
    put(publisher, *range(10_000))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 1_000_000


def test_memory_is_bounded_without_redis() -> None:
    publisher = Publisher(MemoryLog(topic_frames=100, all_frames=1_000))
    put(publisher, *range(100))
    assert publisher.flush(WAIT_SECONDS)
    gc.collect()
    tracemalloc.start()
    for value in range(10_000):
        put(publisher, value, topic=session_topic(value % 50))
    assert publisher.flush(WAIT_SECONDS)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 2_000_000
