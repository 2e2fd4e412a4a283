"""Both logs, each with as little room as a test can fill; a feed of the program's own on a private Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from paper_trading.feed import publisher
from paper_trading.feed.log import Log
from paper_trading.feed.memory_log import MemoryLog
from paper_trading.feed.redis_log import RedisLog
from tests.support.redis_server import RedisServer, redis_server

ROOM = 100
"""Redis trims whole nodes of 100 entries, so that up to twice as many stay."""


@pytest.fixture(scope="package")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """For tests that leave the server alone; emptied before each of them by ``any_log``."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """For tests that kill it."""
    with redis_server(tmp_path, persistent=True) as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def any_log(request: pytest.FixtureRequest) -> Log:
    if request.param == "memory":
        return MemoryLog(topic_frames=ROOM)
    server: RedisServer = request.getfixturevalue("shared_redis")
    server.connect().flushall()
    return RedisLog(server.url, "test", topic_frames=ROOM)


@pytest.fixture
def feed(shared_redis: RedisServer, settings: Settings) -> Iterator[None]:
    """The program publishes to a Redis that holds nothing yet."""
    shared_redis.connect().flushall()
    settings.REDIS_URL = shared_redis.url
    publisher.forget()
    yield
    publisher.forget()
