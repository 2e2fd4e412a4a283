import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from paper_trading import redis_client
from paper_trading.services import nudge as module
from paper_trading.services.nudge import listen, nudge
from tests.support.redis_server import RedisServer, redis_server

WAIT_SECONDS = 5.0
SHIPPED_SEND_SECONDS = module._SEND_SECONDS


class Nudges:
    """Counts what a listener hears."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.heard = 0

    def __call__(self) -> None:
        with self._changed:
            self.heard += 1
            self._changed.notify_all()

    def reach(self, count: int, seconds: float = WAIT_SECONDS) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.heard >= count, seconds)


@pytest.fixture
def redis(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    monkeypatch.setattr(module, "_breaker", redis_client.Breaker("nudges", rest=0.2))
    monkeypatch.setattr(module, "_SEND_SECONDS", 2.0)  # a busy machine may be slow without being broken
    with redis_server(tmp_path) as server:
        settings.REDIS_URL = server.url
        yield server


@pytest.fixture
def nudges(redis: RedisServer) -> Iterator[Nudges]:
    """A listener that listens."""
    counter = Nudges()
    listener = listen(counter)
    assert counter.reach(1)
    yield counter
    listener.close()


@pytest.mark.django_db(transaction=True)
def test_a_nudge_is_heard_by_every_host(nudges: Nudges) -> None:
    second = Nudges()
    listener = listen(second)
    assert second.reach(1)
    nudge()
    assert nudges.reach(2)
    assert second.reach(2)
    listener.close()


@pytest.mark.django_db(transaction=True)
def test_a_nudge_waits_for_the_commit(nudges: Nudges) -> None:
    with transaction.atomic():
        nudge()
        assert not nudges.reach(2, 0.1)
    assert nudges.reach(2)


@pytest.mark.django_db(transaction=True)
def test_a_nudge_of_what_never_happened_is_not_heard(nudges: Nudges) -> None:
    with transaction.atomic():
        nudge()
        transaction.set_rollback(True)
    assert not nudges.reach(2, 0.1)


def test_another_installation_on_the_same_redis_hears_nothing(
    nudges: Nudges, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", "another")
    nudge()
    assert not nudges.reach(2, 0.1)


def test_a_server_that_answers_nothing_costs_a_nudge_little_time_and_the_next_one_none(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SEND_SECONDS", SHIPPED_SEND_SECONDS)
    redis.hang()
    started = time.monotonic()
    nudge()
    first = time.monotonic() - started
    nudge()
    both = time.monotonic() - started
    redis.wake()
    assert first < 0.5
    assert both - first < 0.08


def test_nudges_are_heard_again_after_redis_was_away(redis: RedisServer, nudges: Nudges) -> None:
    redis.kill()
    nudge()
    redis.start()
    assert nudges.reach(2), "what may have been missed counts as a nudge"
    time.sleep(0.25)  # the sender's rest
    nudge()
    assert nudges.reach(3)


def test_a_closed_listener_hears_nothing(redis: RedisServer) -> None:
    counter = Nudges()
    listener = listen(counter)
    assert counter.reach(1)
    listener.close()
    nudge()
    assert not counter.reach(2, 0.1)


def test_a_listener_may_begin_before_redis_does(redis: RedisServer) -> None:
    redis.kill()
    counter = Nudges()
    listener = listen(counter)
    assert not counter.reach(1, 0.3)
    redis.start()
    assert counter.reach(1)
    listener.close()


def test_without_redis_both_do_nothing(settings: Settings) -> None:
    settings.REDIS_URL = ""
    counter = Nudges()
    listener = listen(counter)
    nudge()
    listener.close()
    assert counter.heard == 0
