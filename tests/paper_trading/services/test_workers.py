"""What is known of the workers, and how often they are asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from paper_trading.services.workers import worker_queues, worker_queues_lately
from tests.support.celery_app import celery_on
from tests.support.redis_server import redis_server


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[None]:
    """Redis, and no worker on it."""
    cache.clear()
    with redis_server(tmp_path) as server, celery_on(server.url):
        yield
    cache.clear()


def test_without_redis_nobody_knows() -> None:
    assert worker_queues() is None


@pytest.mark.usefixtures("alone")
def test_where_no_worker_answers_there_is_none() -> None:
    assert worker_queues() == []


@pytest.mark.usefixtures("alone")
def test_workers_are_asked_for_those_alone_who_can_wait_and_not_again_for_a_while() -> None:
    assert worker_queues_lately(ask=False) is None
    assert worker_queues_lately(ask=True) == []
    assert worker_queues_lately(ask=False) == []
