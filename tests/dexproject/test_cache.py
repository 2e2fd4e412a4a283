import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from dexproject import cache as module
from dexproject.cache import ForgetfulRedisCache, JsonSerializer
from dexproject.settings.caches import caches
from paper_trading import redis_client
from tests.support.redis_server import RedisServer, redis_server

SHIPPED_TIMEOUT = module.TIMEOUT


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    monkeypatch.setattr(module, "_breaker", redis_client.Breaker("the cache is empty", rest=0.2))
    monkeypatch.setattr(module, "TIMEOUT", 2.0)  # a busy machine may be slow without being broken
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
def cache(redis: RedisServer) -> ForgetfulRedisCache:
    return made(redis)


def made(redis: RedisServer) -> ForgetfulRedisCache:
    """The cache as the settings describe it."""
    params = dict(caches(redis.url)["default"])
    del params["BACKEND"]
    return ForgetfulRedisCache(params.pop("LOCATION"), params)


@pytest.mark.parametrize("value", [0, 7, True, "7", "text", 1.5, None, [1, "a"], {"a": {"b": None}}])
def test_a_value_comes_back_as_it_went_in(cache: ForgetfulRedisCache, value: object) -> None:
    cache.set("key", value)
    found = cache.get("key", "nothing")
    assert found == value
    assert type(found) is type(value)


def test_nothing_that_could_run_is_stored() -> None:
    with pytest.raises(TypeError):
        JsonSerializer().dumps(threading.Event())


def test_many_are_stored_and_found_at_once(cache: ForgetfulRedisCache) -> None:
    assert cache.set_many({"a": 1, "b": {"c": "d"}}, 60) == []
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": {"c": "d"}}


def test_numbers_are_counted_in_the_server(cache: ForgetfulRedisCache) -> None:
    assert cache.add("count", 1, 60)
    assert not cache.add("count", 1, 60)
    assert cache.incr("count") == 2


def test_entries_expire(cache: ForgetfulRedisCache, redis: RedisServer) -> None:
    cache.set_many({"a": 1}, 60)
    (key,) = redis.connect().keys("*")
    assert 0 < redis.connect().ttl(key) <= 60


def test_installations_on_one_redis_see_only_their_own(
    cache: ForgetfulRedisCache, redis: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.set("key", "mine")
    with monkeypatch.context() as other:
        other.setitem(settings.DATABASES["default"], "NAME", "another")
        assert cache.get("key") is None
        cache.set("key", "theirs")
    assert cache.get("key") == "mine"


def test_clearing_leaves_what_is_not_ours(cache: ForgetfulRedisCache, redis: RedisServer) -> None:
    redis.connect().set("celery", "a task that waits")
    cache.set_many({str(number): number for number in range(1_200)})
    cache.clear()
    assert redis.connect().keys("*") == ["celery"]


def test_without_redis_everything_is_a_miss(cache: ForgetfulRedisCache, redis: RedisServer) -> None:
    cache.set("key", 1)
    redis.kill()
    assert cache.get("key", "nothing") == "nothing"
    assert cache.get_many(["key"]) == {}
    assert cache.set_many({"key": 1}) == ["key"]
    assert not cache.add("key", 1)
    assert not cache.touch("key")
    assert not cache.delete("key")
    assert not cache.has_key("key")
    assert cache.get_or_set("key", 5) == 5
    cache.clear()
    with pytest.raises(ValueError, match="key"):
        cache.incr("key")


def test_the_cache_works_again_once_redis_is_back(cache: ForgetfulRedisCache, redis: RedisServer) -> None:
    redis.kill()
    cache.set("key", 1)
    redis.start()
    time.sleep(0.25)  # the rest after a failure
    cache.set("key", 2)
    assert cache.get("key") == 2


def test_a_server_that_hangs_holds_one_caller_up_and_briefly(
    cache: ForgetfulRedisCache, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", SHIPPED_TIMEOUT)
    monkeypatch.setattr(module, "_breaker", redis_client.Breaker("the cache is empty", rest=module.REST_SECONDS))
    redis.hang()
    started = time.monotonic()
    assert cache.get("key") is None
    first = time.monotonic() - started
    for _ in range(100):
        cache.get("key")
    rest = time.monotonic() - started - first
    redis.wake()
    assert first < 1.0
    assert rest < 0.2


def test_threads_share_connections(cache: ForgetfulRedisCache, redis: RedisServer) -> None:
    for _ in range(20):
        thread = threading.Thread(target=lambda: made(redis).set("key", 1))
        thread.start()
        thread.join()
    assert len(redis.connect().client_list()) <= 3


def test_a_failure_is_logged_once_a_minute(
    cache: ForgetfulRedisCache, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis.kill()
    for _ in range(3):
        cache.get("key")
        time.sleep(0.21)
    assert len([record for record in caplog.records if "the cache is empty" in record.message]) == 1
