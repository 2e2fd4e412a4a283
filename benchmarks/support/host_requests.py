"""What owners ask of running hosts, and how long they wait for it."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

from benchmarks.live_loop import percentile
from benchmarks.support.host_failures import Figures, Scene
from paper_trading.errors import BackgroundUnavailable
from paper_trading.models import BotSession, SessionStatus
from paper_trading.services import control
from tests.support import fleet
from tests.support.hosts import books_of

AT_ONCE = 50
STOPPED = 20
LIMITED, LIMIT_SECONDS = 10, 10
REDIS_AWAY_SECONDS = 60.0
STOP_SECONDS = 2.0
START_PATH = "/paper-trading/api/bot/start/"


def start(scene: Scene) -> Figures:
    """One account, started by fifty at once: first by threads that share nothing, then through the API."""
    barrier = Barrier(AT_ONCE)

    def by_thread(_: int) -> tuple[int, bool]:
        with books_of(scene.stack.database_url):
            barrier.wait()
            request = control.StartRequest(
                user=fleet.owner(), network=fleet.network(), account_name="pressed", intel_level=5
            )
            started = control.start_session(request)
            return started.session.pk, started.created

    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(by_thread, range(AT_ONCE)))
    took = time.monotonic() - began
    scene.require(len({pk for pk, _ in answers}) == 1, f"start: {len({pk for pk, _ in answers})} sessions")
    scene.require(sum(created for _, created in answers) == 1, "start: more than one call says that it began it")
    http = _over_http(scene)
    for name in ("pressed", "pressed-http"):
        number = BotSession.objects.filter(account__name=name).count()
        scene.require(number == 1, f"start: {number} sessions on {name}")
    return {"threads_seconds": round(took, 2), **http}


def _over_http(scene: Scene) -> Figures:
    url = scene.stack.start_web()
    headers = {"Authorization": f"Bearer {_token(scene)}"}
    body = {"account": "pressed-http", "intel": 5, "chain": "devnet"}

    def by_request(_: int) -> tuple[int, dict[str, object], float]:
        with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
            began = time.monotonic()
            answer = client.post(START_PATH, json=body)
            return answer.status_code, answer.json(), time.monotonic() - began

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(by_request, range(AT_ONCE)))
    codes = sorted({code for code, _, _ in answers})
    scene.require(codes == [202], f"start: the API answered {codes}: {answers[0][1]}")
    ids = {told.get("session_id") for _, told, _ in answers}
    scene.require(len(ids) == 1, f"start: the API named {len(ids)} sessions")
    return {"http_codes": codes, "http_seconds_max": round(max(seconds for _, _, seconds in answers), 2)}


def _token(scene: Scene) -> str:
    arguments = ("api_token", "create", "--scopes", "read,trade", "--user", fleet.owner().username, "--json")
    return str(json.loads(scene.stack.manage(*arguments).stdout)["secret"])


def stop(scene: Scene) -> Figures:
    asked: dict[int, float] = {}
    for session in fleet.without_orders(STOPPED):
        asked[session.pk] = time.monotonic()
        control.request_stop(session=session, reason="enough")
    seen: dict[int, float] = {}
    ended: dict[int, float] = {}
    deadline = time.monotonic() + 30
    while len(ended) < len(asked) and time.monotonic() < deadline:
        for pk, status in BotSession.objects.filter(pk__in=asked).values_list("pk", "status"):
            waited = round(time.monotonic() - asked[pk], 2)
            if status in (SessionStatus.STOPPING, SessionStatus.ENDED):
                seen.setdefault(pk, waited)
            if status == SessionStatus.ENDED:
                ended.setdefault(pk, waited)
        time.sleep(0.02)
    scene.require(len(ended) == len(asked), f"stop: {len(asked) - len(ended)} sessions did not end")
    scene.require(max(ended.values(), default=0.0) < STOP_SECONDS, f"stop: took {max(ended.values(), default=0.0)} s")
    return {
        "sessions": len(asked),
        "seen_seconds_max": max(seen.values(), default=None),
        "ended_seconds_p50": percentile(list(ended.values()), 50),
        "ended_seconds_max": max(ended.values(), default=None),
    }


def runtime(scene: Scene) -> Figures:
    ids = [fleet.start(f"limited-{number}", runtime=LIMIT_SECONDS).pk for number in range(LIMITED)]
    own = BotSession.objects.filter(pk__in=ids)
    scene.stack.wait(lambda: not own.exclude(status=SessionStatus.ENDED).exists(), "a runtime does not end")
    late = [
        round((session.ended_at - session.ends_at).total_seconds(), 2)
        for session in own
        if session.ended_at is not None and session.ends_at is not None
    ]
    scene.require(len(late) == LIMITED, "runtime: a session ended without its limit")
    scene.require(max(late) <= scene.stack.block_time, f"runtime: {max(late)} s late")
    return {"sessions": LIMITED, "late_seconds_p50": percentile(late, 50), "late_seconds_max": max(late)}


def redis(scene: Scene) -> Figures:
    """A real worker hands over before and after; its host is a third one."""
    command = [sys.executable, "-m", "celery", "-A", "dexproject", "worker", "-Q", "paper_trading"]
    worker = scene.stack.start_program("worker", [*command, "--pool", "threads", "--concurrency", "2"])
    before = _start_running(scene, "before-redis")
    with scene.watched() as watch:
        time.sleep(2.0)
        scene.redis.kill()
        away = time.monotonic()
        refused, took = _refused()
        scene.require(refused != "" and "\n" not in refused, f"redis: a start said {refused!r}")
        time.sleep(max(0.0, REDIS_AWAY_SECONDS - (time.monotonic() - away)))
        gap, block = watch.gaps()
        scene.redis.start()
    after = _start_running(scene, "after-redis")
    scene.require(worker.alive and all(host.alive for host in scene.hosts), "redis: a process ended")
    scene.require(gap <= 3 * max(block, scene.stack.block_time), f"redis: a session stood still for {gap:.2f} s")
    worker.terminate()
    scene.require(worker.end() == 0, "redis: the worker ended with an error")
    scene.check_books("redis")
    return {
        "gap_seconds": round(gap, 2),
        "chain_gap_seconds": round(block, 2),
        "refused_seconds": round(took, 2),
        "refused": refused,
        "start_to_running_before_seconds": before,
        "start_to_running_after_seconds": after,
    }


def _refused() -> tuple[str, float]:
    began = time.monotonic()
    try:
        _begin("while-redis-is-away")
    except BackgroundUnavailable as error:
        return str(error), time.monotonic() - began
    return "", time.monotonic() - began


def _begin(name: str) -> BotSession:
    request = control.StartRequest(user=fleet.owner(), network=fleet.network(), account_name=name, intel_level=5)
    return control.start_session(request).session


def _start_running(scene: Scene, name: str) -> float:
    """The seconds from a start to a session that runs, by way of the broker and the worker."""
    pk = _begin(name).pk
    running = BotSession.objects.filter(pk=pk, status=SessionStatus.RUNNING, cursor_block__isnull=False)
    return round(scene.stack.wait(running.exists, f"session {pk} does not run"), 2)
