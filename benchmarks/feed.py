"""How long a frame takes from its publisher to 1,000 sockets.

    python -m benchmarks.feed [--sockets 1000] [--rates 5 20] [--topics 10] [--seconds 20] [--memory]

The web process is daphne as ``make web`` starts it, alone; the sockets are read by one other process, and frames are
told by a third through a Redis of the benchmark's own, as a worker tells them. With ``--memory`` there is no Redis and
the web process tells them itself, as a bot with a dashboard does. Each socket hears one of ``--topics`` sessions, all
of which tell a frame of some 400 bytes at the same moments, ``--rates`` times a second. One more client hears all
topics and reads nothing. A delay is from before the frame is put together to after it was read, by one clock; the
first seconds are no part of it. A gap is a frame that does not follow the one before. Prints a table and one line of
JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.support.feed_load import Heard, Listener, listen, opened
from chain.devnet.anvil import free_port
from tests.support.redis_server import redis_server

TARGETS_MS = {5.0: 100.0, 20.0: 250.0}
AT_ONCE = 50
WARM_SECONDS = 3.0
START_SECONDS = 60.0


@contextmanager
def web(environment: Mapping[str, str], application: str) -> Iterator[tuple[int, int]]:
    """The port and the process number of a running web process."""
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", application]
    with subprocess.Popen(
        command, env={**os.environ, "PUBLIC_URL": f"http://127.0.0.1:{port}", **environment}
    ) as process:
        try:
            _wait(port, process)
            yield port, process.pid
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process did not start")


def prepare(topics: int) -> tuple[Any, list[str]]:
    """A token that may read, and the topics of so many sessions of its user."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.paper_trading.world import new_account, new_session
    from wallet.services.api_tokens import create_token

    user = User.objects.create(username="listener")
    sessions = [new_session(new_account(user=user, name=f"account {number}")) for number in range(topics)]
    token = create_token(user=user, name="benchmark", scopes=["read"]).token
    return token, [f"session:{session.pk}" for session in sessions]


def open_all(port: int, token: Any, topics: Sequence[str], count: int) -> list[Listener]:
    listeners: list[Listener] = []
    while len(listeners) < count:
        for ticket in _tickets(token, min(AT_ONCE, count - len(listeners))):
            listeners.append(opened(port, ticket, topics[len(listeners) % len(topics)]))
    return listeners


def _tickets(token: Any, count: int) -> list[str]:
    from django.db import transaction
    from django.utils import timezone

    from wallet.services.tickets import issue_ticket

    with transaction.atomic():
        return [issue_ticket(auth=token, now=timezone.now()).secret for _ in range(count)]


@contextmanager
def telling(topics: Sequence[str], *, rate: float, seconds: float, port: int | None) -> Iterator[None]:
    """A process that tells ``rate`` frames a second of each topic; in the web process where ``port`` names it."""
    plan = json.dumps({"topics": list(topics), "rate": rate, "seconds": seconds})
    if port is not None:
        with urlopen(f"http://127.0.0.1:{port}/tell/", data=plan.encode()):
            yield
        return
    with subprocess.Popen([sys.executable, "-m", "benchmarks.support.feed_teller", plan]) as teller:
        yield
        teller.wait()


def measured(options: argparse.Namespace, rate: float, port: int, pid: int, token: Any, topics: list[str]) -> Any:
    listeners = open_all(port, token, topics, options.sockets)
    slow = opened(port, _tickets(token, 1)[0], *topics, receive_bytes=4096)
    time.sleep(1.0)
    before, began = _cpu_seconds(pid), time.monotonic()
    with telling(topics, rate=rate, seconds=options.seconds, port=port if options.memory else None):
        heard = listen(listeners, seconds=options.seconds + WARM_SECONDS, skip=WARM_SECONDS)
    used = (_cpu_seconds(pid) - before) / (time.monotonic() - began)
    listen([slow], seconds=1.0, skip=0.0)
    row = report(heard, listeners, rate=rate, cpu=used) | {"slow_was_closed": slow.closed is not None}
    for one in (*listeners, slow):
        one.connection.close()
    return row


def report(heard: Heard, listeners: Sequence[Listener], *, rate: float, cpu: float) -> dict[str, Any]:
    delays = sorted(heard.delays)
    quantiles = {f"p{q}_ms": round(delays[len(delays) * q // 100] / 1e6, 1) for q in (50, 95, 99)}
    counts = [one.heard for one in listeners]
    closed = sum(one.closed is not None for one in listeners)
    return {
        "rate": rate,
        "sockets": len(listeners),
        "frames": len(delays),
        **quantiles,
        "max_ms": round(delays[-1] / 1e6, 1),
        "gaps": heard.gaps,
        "missed": max(counts) - min(counts),
        "closed": closed,
        "web_cores": round(cpu, 2),
    }


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the live feed.")
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--rates", type=float, nargs="+", default=[5.0, 20.0], help="frames a second for each socket")
    parser.add_argument("--topics", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--memory", action="store_true", help="without Redis, told by the web process itself")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="feed-")))
        url = "" if options.memory else stack.enter_context(redis_server(folder)).url
        environment = {
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "DEXPROJECT_VAR": str(folder),
            "REDIS_URL": url,
            "DJANGO_SETTINGS_MODULE": "dexproject.settings",
            "SOCKETS_PER_USER": "0",
            "SOCKETS_OPENED_PER_CLIENT": "0",
        }
        os.environ.update(environment)
        token, topics = prepare(options.topics)
        served = "benchmarks.support.feed_teller:application" if options.memory else "dexproject.asgi:application"
        port, pid = stack.enter_context(web(environment, served))
        rows = [measured(options, rate, port, pid, token, topics) for rate in options.rates]
    names = list(rows[0])
    print("".join(f"{name:>16}" for name in names))
    for row in rows:
        print("".join(f"{row[name]!s:>16}" for name in names))
    targets = {str(rate): target for rate, target in TARGETS_MS.items()}
    print(json.dumps({"benchmark": "feed", "memory": options.memory, "targets_p95_ms": targets, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
