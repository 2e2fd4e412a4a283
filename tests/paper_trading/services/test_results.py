"""What ``AsyncResult`` says of a session, on a real server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from celery import Celery
from celery.result import AsyncResult
from pytest_django import Settings

from dex.errors import HaltSession
from paper_trading.services.results import PROGRESS, SessionProgress, mirror, progress_of
from tests.paper_trading.world import new_world
from tests.support.celery_app import celery_on
from tests.support.redis_server import RedisServer, redis_server

WEEK = 7 * 24 * 3600
RUNNING = SessionProgress(
    task_id="task-1", session_id=1, status="running", chain="devnet", cursor_block=12, equity="10000000000"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def app(server: RedisServer) -> Iterator[Celery]:
    server.connect().flushall()
    with celery_on(server.url) as app:
        yield app


def result_of(app: Celery, progress: SessionProgress) -> AsyncResult:  # type: ignore[type-arg]
    assert mirror([progress]) is True
    return app.AsyncResult(progress.task_id)


def test_a_living_session_is_in_progress_with_its_state(app: Celery) -> None:
    result = result_of(app, RUNNING)
    assert result.state == PROGRESS
    assert result.info["session_id"] == 1
    assert (result.info["cursor_block"], result.info["equity"]) == (12, "10000000000")
    assert not result.ready()


def test_a_session_without_a_block_has_started(app: Celery) -> None:
    assert result_of(app, replace(RUNNING, cursor_block=None)).state == "STARTED"


def test_a_queued_session_is_pending(app: Celery) -> None:
    assert result_of(app, replace(RUNNING, status="queued")).state == "PENDING"


def test_a_session_that_ended_is_a_success_with_its_outcome(app: Celery) -> None:
    mirror([RUNNING])
    ended = replace(RUNNING, status="ended", reason="the runtime is over", ended_at="2026-01-02T03:04:05+00:00")
    result = result_of(app, ended)
    assert result.get(timeout=5)["reason"] == "the runtime is over"
    assert result.successful()
    assert str(result.date_done).startswith("2026-01-02")


def test_a_session_that_was_halted_is_a_failure_with_its_reason(app: Celery) -> None:
    result = result_of(app, replace(RUNNING, status="halted", reason="the books do not balance"))
    assert result.failed()
    with pytest.raises(HaltSession, match="the books do not balance"):
        result.get(timeout=5)


def test_every_write_puts_the_expiry_off(app: Celery, server: RedisServer) -> None:
    result_of(app, RUNNING)
    redis = server.connect()
    [key] = redis.keys()
    redis.expire(key, 60)
    mirror([RUNNING])
    assert WEEK - 60 < redis.ttl(key) <= WEEK


def test_five_hundred_and_more_are_written_and_those_without_a_task_left_out(app: Celery, server: RedisServer) -> None:
    many = [replace(RUNNING, task_id=f"task-{number}" if number else "") for number in range(1_101)]
    assert mirror(many) is True
    assert server.connect().dbsize() == 1_100


def test_a_server_that_is_away_is_said_once_and_raises_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path) as own, celery_on(own.url) as app, caplog.at_level("INFO"):
        own.kill()
        assert [mirror([RUNNING]), mirror([RUNNING])] == [False, False]
        assert caplog.text.count("not kept while Redis is away") == 1
        own.start()
        assert mirror([RUNNING]) is True
        assert caplog.text.count("results are kept again") == 1
        assert app.AsyncResult("task-1").state == PROGRESS


def test_without_redis_nothing_is_written(settings: Settings) -> None:
    settings.REDIS_URL = ""
    assert mirror([RUNNING]) is False


@pytest.mark.django_db
def test_a_row_says_what_its_result_says(app: Celery) -> None:
    session = new_world().session
    session.task_id, session.cursor_block, session.equity = "task-9", 5, 7
    result = result_of(app, progress_of(session))
    assert (result.info["session_id"], result.info["cursor_block"], result.info["equity"]) == (session.pk, 5, "7")
