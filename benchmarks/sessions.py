"""How many sessions one machine carries: 1-second blocks, PostgreSQL, a local chain with a living market.

    python -m benchmarks.sessions [--alike] [--hosts 2] [--sessions 500] [--seconds 600] [--sizes 1,10,100]
                                  [--size-seconds 60]

Needs a PostgreSQL server (TEST_POSTGRES_URL, by default the one on the standard port), in which it makes a database of
its own; a Redis server of its own takes the feed, as in a worker. The sessions are of all ten levels in turn, each on
an account of its own, with money, tolerance, confidence and cool-down of its own as those of many users would have
(seeded, the same in every run). ``--alike`` leaves out these differences: fifty sessions of a level then order and fill
in the same blocks, some hundreds at once, which is the worst that can be asked of a host. The hosts are what workers
run, each a process of its own. A tick's time is from the block's arrival in the host to the commit of that session's
cursor, fills, decisions and orders. First the small sizes, for what one session costs, then all of them for the full
time. Prints a table and one line of JSON; memory and CPU are the sum of the hosts'.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from chain.devnet.endpoint import running_url
from tests.support.redis_server import redis_server

ROOT = Path(__file__).resolve().parents[1]
SERVER_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
WARM_SECONDS = 15.0
LEVELS = 10


@dataclass(slots=True)
class Window:
    """What ``hosts`` measured while ``sessions`` ran; see ``benchmarks.support.session_host`` for ``lines`` of each."""

    sessions: int
    lines: list[list[dict[str, Any]]]
    trades: int

    @property
    def ticks_ms(self) -> "array[float]":
        return array("d", (tick for host in self.lines for line in host for tick in line["ticks_ms"]))

    @property
    def blocks(self) -> list[int]:
        return sorted({line["block"] for host in self.lines for line in host})

    @property
    def missed(self) -> int:
        """Blocks between the first and the last that some host did not see."""
        seen = [[line["block"] for line in host] for host in self.lines if host]
        return sum(blocks[-1] - blocks[0] + 1 - len(set(blocks)) for blocks in seen)

    @property
    def cpu_seconds(self) -> float:
        return float(sum(host[-1]["cpu_seconds"] - host[0]["cpu_seconds"] for host in self.lines if host))

    def memory_mb(self, fifth: int) -> float:
        """Mean of a fifth of the time, all hosts together."""
        parts = [host[len(host) * fifth // 5 : max(1, len(host) * (fifth + 1) // 5)] for host in self.lines if host]
        return round(sum(sum(line["memory_mb"] for line in part) / max(1, len(part)) for part in parts), 1)

    def figures(self) -> dict[str, Any]:
        ticks = self.ticks_ms
        blocks = max(1, len(self.blocks))
        return {
            "sessions": self.sessions,
            "blocks": len(self.blocks),
            "missed_blocks": self.missed,
            "unticked": len(self.blocks) * self.sessions - len(ticks),
            "tick_p50_ms": percentile(ticks, 50),
            "tick_p95_ms": percentile(ticks, 95),
            "tick_p99_ms": percentile(ticks, 99),
            "tick_max_ms": percentile(ticks, 100),
            "cpu_ms_per_session_block": round(1000.0 * self.cpu_seconds / max(1, len(ticks)), 3),
            "hosts_cpu_percent": round(100.0 * self.cpu_seconds / blocks, 1),
            "trades": self.trades,
            **{f"memory_mb_{part + 1}_of_5": self.memory_mb(part) for part in range(5)},
        }


def percentile(values: Sequence[float], percent: int) -> float | None:
    ranked = sorted(values)
    return None if not ranked else round(ranked[max(0, -(-len(ranked) * percent // 100) - 1)], 1)


@contextmanager
def database() -> Iterator[str]:
    name = f"sessions_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(SERVER_URL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{SERVER_URL.rsplit('/', 1)[0]}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def local_chain(environment: dict[str, str], directory: Path) -> Iterator[None]:
    """The chain in a process of its own, so that its work is not counted as the host's; it answers by then."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "devnet"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while running_url(directory) is None:
            if process.poll() is not None:
                raise SystemExit("the local chain did not start")
            time.sleep(0.2)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def start_sessions(numbers: Sequence[int], *, alike: bool) -> None:
    """Sessions as the API starts them, made runnable at once."""
    from django.conf import settings

    from chain.networks import find_network, load_networks
    from paper_trading.models import BotSession
    from paper_trading.services.control import StartRequest, start_session
    from wallet.services.owner import local_owner

    network = find_network(load_networks(settings.NETWORKS_DIR), "devnet")
    for number in numbers:
        request = StartRequest(
            user=local_owner(),
            network=network,
            account_name=f"account {number}",
            intel_level=1 + number % LEVELS,
            **({} if alike else own_wishes(number)),
        )
        session = start_session(request).session
        BotSession.objects.filter(pk=session.pk, status="queued").update(status="open")


def own_wishes(number: int) -> dict[str, Any]:
    """What one user sets differently from the next, around what the level has."""
    from paper_trading.intelligence.intel_slider import level

    dice, usual = Random(number), level(1 + number % LEVELS)
    return {
        "deposits": [f"USDC={dice.randint(2_000, 50_000)}"],
        "overrides": {
            "risk_tolerance": min(100, max(1, usual.risk_tolerance + dice.randint(-10, 10))),
            "min_confidence_pct": usual.min_confidence_pct + dice.randint(-5, 5),
            "cooldown_blocks": usual.cooldown_blocks + dice.randint(0, usual.cooldown_blocks),
        },
    }


def booked_trades() -> int:
    from paper_trading.models import BOOKED_STATUSES, PaperTrade

    return PaperTrade.objects.filter(status__in=BOOKED_STATUSES).count()


def problems() -> list[str]:
    """Of every account's books, after all is over."""
    from paper_trading.models import PaperAccount
    from paper_trading.selectors import check_ledger, verify_chain

    return [
        str(problem)
        for account in PaperAccount.objects.select_related("user")
        for problem in (*check_ledger(account), *verify_chain(account))
    ]


@contextmanager
def running_hosts(count: int, environment: dict[str, str], directory: Path) -> Iterator[list[Path]]:
    """``count`` hosts; the files in which they write what they measure."""
    files = [directory / f"host-{number}" for number in range(count)]
    command = [sys.executable, "-m", "benchmarks.support.session_host"]
    processes = [subprocess.Popen([*command, str(file)], cwd=ROOT, env=environment) for file in files]
    try:
        wait_until(lambda: all(file.exists() and file.stat().st_size for file in files), processes)
        yield files
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        if codes := [code for process in processes if (code := process.wait()) != 0]:
            raise SystemExit(f"hosts ended with {codes}")


def wait_until(condition: Callable[[], bool], processes: Sequence["subprocess.Popen[bytes]"] = ()) -> None:
    while not condition():
        if any(process.poll() is not None for process in processes):
            raise SystemExit("a host ended")
        time.sleep(0.2)


def measure(files: Sequence[Path], sizes: Sequence[tuple[int, float]], *, alike: bool) -> list[Window]:
    from paper_trading.models import BotSession

    windows: list[Window] = []
    started = 0
    for size, seconds in sizes:
        start_sessions(range(started, size), alike=alike)
        started = size
        running = BotSession.objects.filter(cursor_block__gt=0).exclude(owner="")
        while running.count() < size:
            time.sleep(0.2)
        time.sleep(WARM_SECONDS)
        before, began = booked_trades(), time.time()
        print(f"{size} sessions for {seconds:g} s ...", file=sys.stderr, flush=True)
        time.sleep(seconds)
        ended = time.time()
        lines = [[line for line in read(file) if began <= line["at"] <= ended] for file in files]
        windows.append(Window(sessions=size, lines=lines, trades=booked_trades() - before))
        print(json.dumps(windows[-1].figures()), file=sys.stderr, flush=True)
    return windows


def read(file: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of ``file``; the last one may be half written."""
    for line in file.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run many sessions on one machine and measure them.")
    parser.add_argument("--alike", action="store_true", help="the worst case: sessions of a level order together")
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--sizes", default="1,10,100")
    parser.add_argument("--size-seconds", type=float, default=60.0)
    options = parser.parse_args()
    sizes = [(int(size), options.size_seconds) for size in options.sizes.split(",") if size]
    with tempfile.TemporaryDirectory() as var, tempfile.TemporaryDirectory() as files, ExitStack() as stack:
        url, redis = stack.enter_context(database()), stack.enter_context(redis_server(Path(files)))
        os.environ |= {"DATABASE_URL": url, "REDIS_URL": redis.url, "DEXPROJECT_VAR": var}
        os.environ["DJANGO_SETTINGS_MODULE"] = "dexproject.settings"
        os.environ.pop("RPC_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        with (
            local_chain(dict(os.environ), Path(var) / "devnet"),
            running_hosts(options.hosts, dict(os.environ), Path(files)) as written,
        ):
            windows = measure(written, [*sizes, (options.sessions, options.seconds)], alike=options.alike)
        found = problems()
        from django.db import connections

        connections.close_all()
    report(windows, found, hosts=options.hosts, alike=options.alike)
    return 1 if found else 0


def report(windows: Sequence[Window], found: Sequence[str], **asked: Any) -> None:
    rows = [window.figures() for window in windows]
    for name in rows[0]:
        print(f"{name:<26}" + "".join(f"{row[name]!s:>12}" for row in rows))
    print(f"problems in the books     {len(found):>12}")
    for problem in found[:10]:
        print(problem)
    print(json.dumps({"benchmark": "sessions", **asked, "windows": rows, "problems": len(found)}))


if __name__ == "__main__":
    sys.exit(main())
