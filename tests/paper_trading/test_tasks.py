"""The tasks as a worker calls them, and the settings that send them there."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from celery.schedules import crontab
from django.conf import settings
from django.utils import timezone

from dexproject.celery_app import app
from paper_trading import tasks
from paper_trading.models import BotSession, CommandKind, CommandStatus, SessionCommand, SessionStatus, TaskLock
from paper_trading.services import leases
from tests.paper_trading.world import new_world

QUEUES = {"paper_trading", "risk.normal", "execution.critical"}


@pytest.fixture
def queued(books_db: str) -> BotSession:
    session = new_world().session
    BotSession.objects.filter(pk=session.pk).update(status=SessionStatus.QUEUED, task_id="task-1")
    session.refresh_from_db()
    return session


@pytest.fixture(autouse=True)
def registered() -> None:
    app.loader.import_default_modules()


def test_the_queues_are_the_three_that_users_name() -> None:
    assert set(app.amqp.queues) == QUEUES
    assert {queue.routing_key for queue in app.amqp.queues.values()} == QUEUES


def test_every_beat_entry_names_a_registered_task() -> None:
    assert settings.CELERY_BEAT_SCHEDULE
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_every_route_names_a_registered_task_and_a_queue_that_workers_take() -> None:
    assert set(settings.CELERY_TASK_ROUTES) <= set(app.tasks)
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} <= QUEUES


def test_every_task_of_ours_has_a_route() -> None:
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(settings.CELERY_TASK_ROUTES)


def test_the_night_begins_at_three() -> None:
    assert settings.CELERY_BEAT_SCHEDULE["cleanup-old-sessions"]["schedule"] == crontab(hour=3, minute=0)
    assert app.conf.timezone == "UTC"


def test_only_json_is_taken_and_tasks_are_acknowledged_early() -> None:
    assert (app.conf.accept_content, app.conf.task_serializer, app.conf.result_serializer) == (["json"], "json", "json")
    assert not any(app.tasks[name].acks_late for name in settings.CELERY_TASK_ROUTES)
    assert app.conf.result_expires == timedelta(days=7)


def test_the_task_makes_a_queued_session_runnable_and_leaves_no_result(queued: BotSession) -> None:
    assert app.tasks["paper_trading.tasks.run_paper_trading_bot"].ignore_result
    tasks.run_paper_trading_bot(queued.pk, queued.user_id, runtime_minutes=1.5)
    queued.refresh_from_db()
    assert (queued.status, queued.runtime) == (SessionStatus.OPEN, 90)


def test_a_task_that_is_delivered_again_changes_nothing(queued: BotSession) -> None:
    tasks.run_paper_trading_bot(queued.pk, queued.user_id)
    BotSession.objects.filter(pk=queued.pk).update(status=SessionStatus.ENDED, runtime=60)
    tasks.run_paper_trading_bot(queued.pk, queued.user_id, runtime_minutes=5)
    queued.refresh_from_db()
    assert (queued.status, queued.runtime) == (SessionStatus.ENDED, 60)


def test_another_users_session_is_left_alone(queued: BotSession) -> None:
    tasks.run_paper_trading_bot(queued.pk, queued.user_id + 1)
    assert tasks.stop_paper_trading_bot(queued.pk, queued.user_id + 1, "mine") is None
    queued.refresh_from_db()
    assert (queued.status, queued.desired_status) == (SessionStatus.QUEUED, SessionStatus.RUNNING)


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), 10**9, True, "5", [5]])
def test_a_runtime_that_is_none_halts_the_session_with_the_reason(queued: BotSession, minutes: Any) -> None:
    tasks.run_paper_trading_bot(queued.pk, queued.user_id, runtime_minutes=minutes)
    queued.refresh_from_db()
    assert queued.status == SessionStatus.HALTED
    assert queued.end_reason == f"a runtime is above 0 minutes and at most a year, not {minutes!r}"


def test_a_session_that_was_refused_is_never_started_without_a_limit(queued: BotSession) -> None:
    tasks.run_paper_trading_bot(queued.pk, queued.user_id, runtime_minutes=-5)
    long_ago = timezone.now() - timedelta(hours=1)
    BotSession.objects.filter(pk=queued.pk).update(created_at=long_ago)
    assert tasks.reap_sessions() == {"orphans": [], "handed_over": [], "dead_hosts": []}
    assert leases.claimable(chain=queued.chain, most=1) == []


def test_a_refused_start_leaves_no_order_by_hand_waiting(queued: BotSession) -> None:
    command = SessionCommand.objects.create(session=queued, user=queued.user, kind=CommandKind.EXIT_ALL)
    tasks.run_paper_trading_bot(queued.pk, queued.user_id, runtime_minutes=-5)
    command.refresh_from_db()
    assert command.status == CommandStatus.REFUSED


def test_a_wrong_runtime_that_is_delivered_late_does_not_end_what_runs(queued: BotSession) -> None:
    tasks.run_paper_trading_bot(queued.pk, queued.user_id, runtime_minutes=5)
    tasks.run_paper_trading_bot(queued.pk, queued.user_id, runtime_minutes=-5)
    queued.refresh_from_db()
    assert (queued.status, queued.runtime) == (SessionStatus.OPEN, 300)


def test_a_wrong_runtime_does_not_end_another_users_session(queued: BotSession) -> None:
    tasks.run_paper_trading_bot(queued.pk, queued.user_id + 1, runtime_minutes=-5)
    queued.refresh_from_db()
    assert queued.status == SessionStatus.QUEUED


def test_a_stop_ends_a_session_that_no_host_runs_with_its_reason(queued: BotSession) -> None:
    said = tasks.stop_paper_trading_bot(queued.pk, queued.user_id, "enough")
    assert said is not None
    assert (said["status"], said["reason"]) == ("ended", "enough")
    again = tasks.stop_paper_trading_bot(queued.pk, queued.user_id, "once more")
    assert again is not None
    assert again["reason"] == "enough"


def test_the_status_is_the_rows(queued: BotSession) -> None:
    status = tasks.get_bot_status(queued.pk)
    assert status is not None
    assert (status["session_id"], status["status"], status["task_id"]) == (queued.pk, "queued", "task-1")
    assert tasks.get_bot_status(queued.pk + 1) is None


def test_a_periodic_task_leaves_the_work_to_the_run_that_is_at_it(books_db: str) -> None:
    until = timezone.now() + timedelta(minutes=1)
    TaskLock.objects.create(name="reap_sessions", until=until)
    TaskLock.objects.create(name="cleanup_old_sessions", until=until)
    assert (tasks.reap_sessions(), tasks.cleanup_old_sessions()) == (None, None)
    TaskLock.objects.all().delete()
    assert tasks.cleanup_old_sessions() == {"archived": 0, "decisions": 0, "commands": 0, "hosts": 0}


def test_orphans_are_reported_and_logged(queued: BotSession, caplog: pytest.LogCaptureFixture) -> None:
    gone = timezone.now() - timedelta(minutes=1)
    BotSession.objects.filter(pk=queued.pk).update(status="running", owner="gone/1", lease_until=gone)
    with caplog.at_level(logging.WARNING):
        assert tasks.reap_sessions() == {"orphans": [queued.pk], "handed_over": [], "dead_hosts": []}
    assert f"sessions that no host runs: {queued.pk}" in caplog.text
