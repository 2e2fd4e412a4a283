"""The cache of an installation in Redis, which forgets everything while Redis is away instead of failing."""

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.exceptions import RedisError

from paper_trading import redis_client

TIMEOUT = 0.25
REST_SECONDS = 2.0
_MOST_AT_ONCE = 500
_breaker = redis_client.Breaker("the cache is empty", rest=REST_SECONDS)
_Answer = TypeVar("_Answer")


def make_key(key: str, prefix: str, version: int) -> str:
    """``KEY_FUNCTION``: installations that share a Redis do not see each other's entries."""
    return f"{redis_client.namespace()}:cache{prefix}:{version}:{key}"


class JsonSerializer:
    """JSON, since what comes out of a shared server must never be able to run. Integers stay as Redis counts them."""

    def dumps(self, value: Any) -> int | bytes:
        return value if type(value) is int else json.dumps(value, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class _Client(RedisCacheClient):
    """One pool of connections for the whole process; Django's is one for every thread and task."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._url = servers[0]

    def get_client(self, key: object = None, *, write: bool = False) -> Redis:
        return redis_client.connect(self._url, timeout=TIMEOUT)


class ForgetfulRedisCache(RedisCache):
    """While Redis is away every look-up is a miss, ``add`` and ``touch`` are False, and ``incr`` raises ``ValueError``
    as it does for a key that is not there. No caller waits for longer than ``TIMEOUT``, and only one in two seconds."""

    def __init__(self, servers: list[str], params: dict[str, Any]) -> None:
        super().__init__(servers, {**params, "OPTIONS": {"serializer": JsonSerializer}})
        self._class = _Client
        self._url = servers[0]

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return _ask(lambda: super(ForgetfulRedisCache, self).add(key, value, timeout, version), otherwise=False)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _ask(lambda: super(ForgetfulRedisCache, self).get(key, default, version), otherwise=default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        _ask(lambda: super(ForgetfulRedisCache, self).set(key, value, timeout, version), otherwise=None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return _ask(lambda: super(ForgetfulRedisCache, self).touch(key, timeout, version), otherwise=False)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return _ask(lambda: super(ForgetfulRedisCache, self).delete(key, version), otherwise=False)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return _ask(lambda: super(ForgetfulRedisCache, self).has_key(key, version), otherwise=False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        answer = _ask(lambda: super(ForgetfulRedisCache, self).incr(key, delta, version), otherwise=None)
        if answer is None:
            raise ValueError(f"Key {key!r} not found")
        return answer

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        wanted = list(keys)
        if not wanted:
            return {}
        return _ask(lambda: super(ForgetfulRedisCache, self).get_many(wanted, version), otherwise={})

    def set_many(self, data: dict[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        """The keys that could not be stored."""
        return _ask(lambda: super(ForgetfulRedisCache, self).set_many(data, timeout, version), otherwise=list(data))

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        wanted = list(keys)
        _ask(lambda: super(ForgetfulRedisCache, self).delete_many(wanted, version), otherwise=None)

    def clear(self) -> None:
        """This installation's entries only: the server holds more than the cache, and not only ours."""
        _ask(self._clear, otherwise=None)

    def _clear(self) -> None:
        redis = redis_client.connect(self._url, timeout=TIMEOUT)
        found = redis.scan_iter(match=f"{redis_client.namespace()}:cache*", count=_MOST_AT_ONCE)
        batch: list[Any] = []
        for key in found:
            batch.append(key)
            if len(batch) == _MOST_AT_ONCE:
                redis.unlink(*batch)
                batch.clear()
        if batch:
            redis.unlink(*batch)


def _ask(call: Callable[[], _Answer], *, otherwise: _Answer) -> _Answer:
    if not _breaker.allows():
        return otherwise
    try:
        answer = call()
    except RedisError as error:
        _breaker.failed(error)
        return otherwise
    _breaker.worked()
    return answer
