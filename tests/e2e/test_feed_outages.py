"""What becomes of those who listen when Redis or the web process goes away: whatever they missed, they know."""

from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from paper_trading import redis_client
from paper_trading.feed.envelope import Batch, message
from paper_trading.feed.redis_log import RedisLog
from tests.support.feed_server import FeedServer, feed_server
from tests.support.redis_server import RedisServer, redis_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["forgets", "remembers"])
def redis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Every test leaves it running."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder, persistent=request.param == "remembers") as running:
        yield running


@pytest.fixture(scope="module")
def server(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedServer]:
    with feed_server(tmp_path_factory.mktemp("feed"), redis_url=redis.url) as running:
        yield running


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedServer]:
    """Without Redis."""
    with feed_server(tmp_path_factory.mktemp("alone")) as running:
        yield running


def test_redis_killed_and_back_is_a_reset_and_the_next_frames_follow_it(server: FeedServer, redis: RedisServer) -> None:
    topic = server.alice.topic
    with server.ear() as ear:
        said = ear.subscribe(topic)
        server.tell(topic, 1)
        assert ear.values(1) == [1]
        redis.kill()
        assert ear.next() == {"op": "stale"}
        server.tell(topic, 2, 3)
        redis.start()
        reset = ear.until(op="reset", topic=topic)
        assert reset["epoch"] != said["epoch"]
        server.tell(topic, 4)
        frames = list(ear.frames_until(4))
    assert {frame["epoch"] for frame in frames} == {reset["epoch"]}
    assert [frame["seq"] for frame in frames] == [reset["seq"] + number for number in range(1, len(frames) + 1)]


def test_who_subscribes_while_redis_is_away_is_served_when_it_is_back(server: FeedServer, redis: RedisServer) -> None:
    with server.ear() as first:
        first.subscribe("portfolio")
        redis.kill()
        assert first.next() == {"op": "stale"}
        with server.ear() as ear:
            assert ear.next() == {"op": "stale"}
            ear.say(op="subscribe", topic="alerts")
            assert ear.is_silent()
            redis.start()
            assert ear.until(asked="alerts")["op"] == "subscribed"


def test_a_redis_that_only_hung_costs_nothing(server: FeedServer, redis: RedisServer) -> None:
    topic = server.alice.topic
    with server.ear() as ear:
        ear.subscribe(topic)
        redis.hang()
        try:
            server.tell(topic, 1, 2)
            assert ear.next() == {"op": "stale"}
        finally:
            redis.wake()
        heard = [told["data"]["value"] for told in (ear.next() for _ in range(3)) if "op" not in told]
        assert heard == [1, 2]


def test_a_web_process_that_starts_again_resumes_from_redis(server: FeedServer, redis: RedisServer) -> None:
    topic = server.alice.topic
    with server.ear() as ear:
        said = ear.subscribe(topic)
        server.tell(topic, 1)
        assert ear.values(1) == [1]
        server.daemon.kill()
        with pytest.raises(ConnectionClosed):
            ear.next()
    prefix = f"{redis_client._namespace(str(server.stack.var / 'db.sqlite3'), True)}:feed"
    missed = Batch(writer="worker", number=1, messages=[message(topic, "entry", {"value": 2})])
    RedisLog(redis.url, prefix).append(missed)
    server.start()
    with server.ear() as ear:
        assert ear.subscribe(topic, epoch=said["epoch"], seq=said["seq"] + 1)["resumed"]
        assert ear.values(1) == [2]


def test_a_process_that_starts_again_without_redis_has_everybody_take_a_snapshot(alone: FeedServer) -> None:
    topic = alone.alice.topic
    with alone.ear() as ear:
        said = ear.subscribe(topic)
        alone.tell(topic, 1)
        assert ear.values(1) == [1]
    alone.restart()
    with alone.ear() as ear:
        again = ear.subscribe(topic, epoch=said["epoch"], seq=said["seq"] + 1)
    assert not again["resumed"]
    assert again["epoch"] != said["epoch"]
