"""What must be there before a session is promised, and what becomes of one that cannot be sent."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone
from pytest_django import Settings

from paper_trading.errors import BackgroundUnavailable
from paper_trading.models import BotHost, BotSession, SessionStatus
from paper_trading.services.hand_over import hand_over, require_hosts
from paper_trading.services.leases import this_owner
from tests.paper_trading.world import new_world
from tests.support.celery_app import celery_on
from tests.support.redis_server import RedisServer, redis_server

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def app(server: RedisServer) -> Iterator[Celery]:
    server.connect().flushall()
    with celery_on(server.url) as app:
        yield app


def queued() -> BotSession:
    session = new_world().session
    session.status, session.task_id = SessionStatus.QUEUED, "6d1f9f1c-0000-4000-8000-000000000001"
    session.save()
    return session


def test_without_redis_one_line_says_what_to_start(settings: Settings) -> None:
    settings.REDIS_URL = ""
    with pytest.raises(BackgroundUnavailable, match=r"set REDIS_URL and start `celery -A dexproject worker"):
        require_hosts()


def test_without_redis_a_living_host_will_do(settings: Settings) -> None:
    settings.REDIS_URL = ""
    BotHost.objects.create(name="here/1")
    require_hosts()


def test_without_redis_a_host_that_fell_silent_will_not_do(settings: Settings) -> None:
    settings.REDIS_URL = ""
    BotHost.objects.create(name="here/1", heartbeat_at=timezone.now() - timedelta(seconds=11))
    with pytest.raises(BackgroundUnavailable):
        require_hosts()


def test_redis_that_answers_will_do(app: Celery) -> None:
    require_hosts()


@pytest.mark.parametrize("hangs", [False, True])
def test_redis_that_is_away_is_named_without_its_password(tmp_path: Path, settings: Settings, hangs: bool) -> None:
    with redis_server(tmp_path) as own:
        settings.REDIS_URL = f"redis://bot:hidden-word@127.0.0.1:{own.port}/0"
        if hangs:
            own.hang()
        else:
            own.kill()
        with pytest.raises(BackgroundUnavailable, match=rf"Redis at 127\.0\.0\.1:{own.port} does not answer") as said:
            require_hosts()
    assert "hidden-word" not in str(said.value)


def test_an_address_that_is_none_is_said(settings: Settings) -> None:
    settings.REDIS_URL = "localhost:6379"
    with pytest.raises(BackgroundUnavailable, match="REDIS_URL is no address"):
        require_hosts()


def test_the_task_is_sent_under_the_sessions_own_id(app: Celery, server: RedisServer) -> None:
    session = queued()
    hand_over(session)
    [message] = server.connect().lrange(f"{app.conf.broker_transport_options['global_keyprefix']}paper_trading", 0, -1)
    sent = json.loads(message)
    assert sent["headers"]["id"] == session.task_id
    assert sent["headers"]["task"] == "paper_trading.tasks.run_paper_trading_bot"
    assert json.loads(b64decode(sent["body"]))[0] == [session.pk, session.user_id]
    session.refresh_from_db()
    assert session.status == SessionStatus.QUEUED


def test_a_session_that_cannot_be_sent_ends_with_the_reason(tmp_path: Path) -> None:
    session = queued()
    with redis_server(tmp_path) as own, celery_on(own.url):
        own.kill()
        hand_over(session)
    session.refresh_from_db()
    assert session.status == SessionStatus.ENDED
    assert session.end_reason.startswith("it could not be handed to a worker: ")
    assert session.ended_at is not None


def test_a_server_that_came_back_takes_the_next_session(tmp_path: Path) -> None:
    session = queued()
    with redis_server(tmp_path) as own, celery_on(own.url):
        require_hosts()
        hand_over(session)
        own.kill()
        own.start()
        require_hosts()
        hand_over(session)
        assert len(own.connect().keys("*:paper_trading")) == 1
    session.refresh_from_db()
    assert session.status == SessionStatus.QUEUED


def test_without_redis_the_session_is_free_for_a_host_at_once(settings: Settings) -> None:
    settings.REDIS_URL = ""
    session = queued()
    hand_over(session)
    session.refresh_from_db()
    assert session.status == SessionStatus.OPEN


def test_a_process_with_a_host_of_the_chain_needs_no_worker(app: Celery, server: RedisServer) -> None:
    session = queued()
    BotHost.objects.create(name=this_owner(), chain=session.chain)
    require_hosts()
    hand_over(session)
    session.refresh_from_db()
    assert session.status == SessionStatus.OPEN
    assert server.connect().keys("*:paper_trading") == []


def test_a_session_of_another_chain_than_this_process_s_host_waits_for_a_worker(app: Celery) -> None:
    session = queued()
    BotHost.objects.create(name=this_owner(), chain="elsewhere")
    hand_over(session)
    session.refresh_from_db()
    assert session.status == SessionStatus.QUEUED


def test_a_session_that_is_not_queued_any_more_is_left_alone(settings: Settings) -> None:
    settings.REDIS_URL = ""
    session = queued()
    BotSession.objects.filter(pk=session.pk).update(status=SessionStatus.ENDED)
    hand_over(session)
    session.refresh_from_db()
    assert session.status == SessionStatus.ENDED
