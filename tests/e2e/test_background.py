"""Sessions in real workers: handed over, followed, stopped, taken over, and left alone by a broker that goes away."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery, current_app
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from paper_trading.errors import BackgroundUnavailable
from paper_trading.models import BotHost, BotSession
from paper_trading.services.control import request_stop, start_session
from paper_trading.services.hand_over import hand_over
from paper_trading.services.start_request import start_request
from paper_trading.services.workers import worker_queues
from tests.support.celery_app import celery_on
from tests.support.program import Running
from tests.support.stack import Server, Stack, eventually, stack
from wallet.services.owner import local_owner

pytestmark = [pytest.mark.anvil, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def running(
    prepared_var: Path,
    living_chain: str,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Stack]:
    """On a chain with three blocks a second; this process hands over to its workers as a web process would."""
    var = tmp_path_factory.mktemp("background") / "var"
    shutil.copytree(prepared_var, var)
    with (
        django_db_blocker.unblock(),
        stack(var, tmp_path_factory.mktemp("redis"), RPC_URL=living_chain) as running,
    ):
        yield running


@pytest.fixture
def app(running: Stack) -> Iterator[Celery]:
    with celery_on(running.redis.url, database=str(running.books.settings_dict["NAME"])) as app:
        yield app


@pytest.fixture(scope="module")
def worker(running: Stack) -> Server:
    """The one that the first test started."""
    return running.servers[0] if running.servers else running.worker("first")


def start(account: str, *, intel: int = 10, runtime: int | None = None) -> BotSession:
    request = start_request(user=local_owner(), chain="devnet", account=account, intel=intel, runtime=runtime)
    return start_session(request).session


def row(session: BotSession) -> BotSession:
    return BotSession.objects.get(pk=session.pk)


def trades_blocks(session: BotSession, count: int = 3) -> None:
    """Waits until the session has ``count`` more blocks behind it."""
    eventually(lambda: row(session).cursor_block is not None)
    begun = row(session).cursor_block or 0
    eventually(lambda: (row(session).cursor_block or 0) >= begun + count)


def stop(session: BotSession) -> BotSession:
    request_stop(session=row(session), reason="enough")
    eventually(lambda: not row(session).is_live)
    return row(session)


def test_a_session_waits_for_a_worker_and_is_listed_followed_and_stopped_by_commands(running: Stack) -> None:
    done = running.program.run("run_paper_bot", "--background", "--json", "--intel", 3, "--session-name", "early")
    assert (done.returncode, done.stderr) == (0, "")
    line = json.loads(done.stdout)
    assert (line["status"], line["created"], line["intel"]) == ("queued", True, 3)
    assert "no session host is alive" in line["warning"]
    session = BotSession.objects.get(pk=line["session"], task_id=line["task"])
    running.worker("first")
    trades_blocks(session)
    follower: Running = running.program.start("follow_paper_bot", session.pk, "--json")
    assert follower.until_type("status")["session"] == session.pk
    stopped = running.program.run("stop_paper_bot", session.pk, "--json")
    assert (stopped.returncode, stopped.stderr) == (0, "")
    end = json.loads(stopped.stdout)
    assert (end["session"], end["status"], end["reason"]) == (session.pk, "ended", "stopped by the user")
    assert follower.until_type("summary") == end
    assert follower.end() == 0


def test_the_task_tells_the_truth_for_as_long_as_the_session_lives(worker: Server, app: Celery) -> None:
    session = start("main")
    result = app.AsyncResult(session.task_id)
    eventually(lambda: result.state == "PROGRESS")
    assert result.info["session_id"] == session.pk
    stop(session)
    assert result.get(timeout=30)["reason"] == "enough"
    assert result.state == "SUCCESS"


def test_a_task_that_is_delivered_again_starts_nothing(worker: Server, app: Celery) -> None:
    session = start("twice")
    trades_blocks(session)
    for _ in range(2):  # as Redis may, after a reconnection
        hand_over(session)
    eventually(lambda: worker.log.read_text().count(f"run_paper_trading_bot[{session.task_id}] succeeded") == 3)
    token = row(session).lease_token
    trades_blocks(session)
    assert row(session).lease_token == token  # nobody claimed it anew
    assert BotSession.objects.filter(account=session.account_id).count() == 1
    assert stop(session).end_reason == "enough"


def test_a_worker_says_which_queues_it_takes_from(running: Stack, worker: Server, app: Celery) -> None:
    takes = [("execution.critical", "paper_trading", "risk.normal")]
    eventually(lambda: worker_queues() == takes)  # a busy machine may answer too late once


def test_tasks_stop_a_session_and_tell_its_status(worker: Server, app: Celery) -> None:
    session = start("by task")
    tasks = "paper_trading.tasks"
    status = current_app.send_task(f"{tasks}.get_bot_status", [session.pk]).get(timeout=60)
    assert (status["session_id"], status["task_id"]) == (session.pk, session.task_id)
    current_app.send_task(f"{tasks}.stop_paper_trading_bot", [session.pk, session.user_id, "by task"]).get(timeout=60)
    eventually(lambda: not row(session).is_live)
    assert row(session).end_reason == "by task"
    assert current_app.send_task(f"{tasks}.reap_sessions").get(timeout=60)["orphans"] == []


def test_a_runtime_ends_a_background_session(worker: Server, app: Celery) -> None:
    session = start("short", runtime=1)
    eventually(lambda: not row(session).is_live)
    assert row(session).end_reason == "the runtime is over"


def test_sessions_go_on_while_redis_is_away_and_new_ones_start_when_it_is_back(
    running: Stack, worker: Server, app: Celery
) -> None:
    session = start("steady")
    trades_blocks(session)
    running.redis.kill()
    trades_blocks(session)
    with pytest.raises(BackgroundUnavailable, match=f"Redis at 127.0.0.1:{running.redis.port} does not answer"):
        start("refused")
    running.redis.start()
    later = start("later")
    trades_blocks(later)
    trades_blocks(session)
    result = app.AsyncResult(session.task_id)
    eventually(lambda: result.state == "PROGRESS")  # the new server knew nothing of it
    stop(session)
    stop(later)


def test_without_a_broker_a_living_host_takes_the_session_from_the_database(worker: Server) -> None:
    with override_settings(REDIS_URL=""):
        session = start("brokerless")
        trades_blocks(session)
        assert stop(session).end_reason == "enough"


def test_a_worker_that_ends_leaves_its_sessions_to_the_other(running: Stack, worker: Server, app: Celery) -> None:
    sessions = [start(f"moving {number}") for number in range(3)]
    for session in sessions:
        trades_blocks(session)
    second = running.worker("second", "paper_trading")
    eventually(lambda: BotHost.objects.filter(stopped_at__isnull=True).count() == 2)
    [owner] = {row(session).owner for session in sessions}
    assert worker.terminate() == 0
    eventually(lambda: all(row(session).owner not in ("", owner) for session in sessions))
    for session in sessions:
        trades_blocks(session)
    second.kill()  # its host sees the end of its standard input, and hands over by itself
    eventually(lambda: all(row(session).owner == "" for session in sessions))
    assert all(row(session).is_live for session in sessions)
    for session in sessions:
        assert stop(session).end_reason == "enough"
