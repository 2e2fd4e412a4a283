"""How many sessions one host carries: 1-second blocks, one process, PostgreSQL, a local chain with a living market.

    python -m benchmarks.sessions [--sessions 500] [--seconds 600] [--sizes 1,10,100] [--size-seconds 60]

Needs a PostgreSQL server (TEST_POSTGRES_URL, by default the one on the standard port), in which it makes a database of
its own; a Redis server of its own takes the feed, as in a worker. The sessions are of all ten levels in turn, each on
an account of its own, and start together with the same money: those of a level order and fill in the same blocks, some
hundreds at once, which is the worst that can be asked of a host. The host is what a worker runs. A tick's time is from
the block's arrival in the host to the commit of that session's cursor, fills, decisions and orders. First the small
sizes, for what one session costs, then all of them for the full time. Prints a table and one line of JSON.
"""

import argparse
import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from chain.devnet.endpoint import running_url
from tests.support.redis_server import redis_server

if TYPE_CHECKING:
    from paper_trading.bot.host import SessionHost

ROOT = Path(__file__).resolve().parents[1]
SERVER_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
WARM_SECONDS = 15.0
LEVELS = 10


@dataclass(slots=True)
class Window:
    """What was measured while ``sessions`` ran. ``memory_mb`` is resident, sampled once a block."""

    sessions: int
    ticks_ms: "array[float]" = field(default_factory=lambda: array("d"))
    blocks: list[int] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0
    trades: int = 0

    def take(self, number: int, ticks_ms: Sequence[float]) -> None:
        self.blocks.append(number)
        self.ticks_ms.extend(ticks_ms)
        self.memory_mb.append(resident_mb())

    @property
    def missed(self) -> int:
        """Blocks between the first and the last that the host did not see."""
        return 0 if not self.blocks else self.blocks[-1] - self.blocks[0] + 1 - len(set(self.blocks))

    @property
    def unticked(self) -> int:
        """Blocks times sessions that no tick was written for."""
        return len(self.blocks) * self.sessions - len(self.ticks_ms)

    def figures(self) -> dict[str, Any]:
        ticks = max(1, len(self.ticks_ms))
        fifth = max(1, len(self.memory_mb) // 5)
        return {
            "sessions": self.sessions,
            "blocks": len(self.blocks),
            "missed_blocks": self.missed,
            "unticked": self.unticked,
            "tick_p50_ms": percentile(self.ticks_ms, 50),
            "tick_p95_ms": percentile(self.ticks_ms, 95),
            "tick_p99_ms": percentile(self.ticks_ms, 99),
            "tick_max_ms": percentile(self.ticks_ms, 100),
            "cpu_ms_per_session_block": round(1000.0 * self.cpu_seconds / ticks, 3),
            "host_cpu_percent": round(100.0 * self.cpu_seconds / max(1, len(self.blocks)), 1),
            "trades": self.trades,
            **{
                f"memory_mb_{part + 1}_of_5": round(sum(self.memory_mb[part * fifth : (part + 1) * fifth]) / fifth, 1)
                for part in range(5)
            },
        }


def percentile(values: Sequence[float], percent: int) -> float | None:
    ranked = sorted(values)
    return None if not ranked else round(ranked[max(0, -(-len(ranked) * percent // 100) - 1)], 1)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


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


def start_sessions(numbers: Sequence[int]) -> None:
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
        )
        session = start_session(request).session
        BotSession.objects.filter(pk=session.pk, status="queued").update(status="open")


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


async def run(sizes: Sequence[tuple[int, float]]) -> list[Window]:
    from asgiref.sync import sync_to_async
    from django.conf import settings

    from paper_trading.bot.background import run_background
    from paper_trading.bot.venue import VenueRequest
    from paper_trading.services.hosts import report_host

    windows: list[Window] = []
    current: list[Window] = []
    hosts: list[SessionHost] = []
    request = VenueRequest(networks_dir=settings.NETWORKS_DIR, rpc_urls=[], devnet_dir=settings.VAR_DIR / "devnet")

    def measure(block: Any, ticks_ms: Sequence[float]) -> None:
        if current:
            current[0].take(block.number, ticks_ms)

    # Sessions are handed to hosts that are alive; this one is about to be.
    await sync_to_async(report_host)(name="benchmark", chain="devnet", sessions=0, pace={})
    task = asyncio.create_task(run_background(request, on_ready=hosts.append, measure=measure))
    started = 0
    for size, seconds in sizes:
        await asyncio.to_thread(in_thread, start_sessions, range(started, size))
        started = size
        while not hosts or len(hosts[0].runners) < size:
            if task.done():
                task.result()
            await asyncio.sleep(0.2)
        await asyncio.sleep(WARM_SECONDS)
        window = Window(sessions=size)
        before, cpu = await asyncio.to_thread(in_thread, booked_trades), time.process_time()
        current.append(window)
        print(f"{size} sessions for {seconds:g} s ...", file=sys.stderr, flush=True)
        await asyncio.wait({task}, timeout=seconds)
        current.clear()
        window.cpu_seconds = time.process_time() - cpu
        window.trades = await asyncio.to_thread(in_thread, booked_trades) - before
        windows.append(window)
        print(json.dumps(window.figures()), file=sys.stderr, flush=True)
    hosts[0].leave()
    await task
    return windows


def in_thread(work: Any, *arguments: Any) -> Any:
    """With a database connection of its own, closed again."""
    from django.db import connection

    try:
        return work(*arguments)
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Run many sessions on one host and measure it.")
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
        with local_chain(dict(os.environ), Path(var) / "devnet"):
            windows = asyncio.run(run([*sizes, (options.sessions, options.seconds)]))
        found = problems()
        from django.db import connections

        connections.close_all()
    report(windows, found)
    return 1 if found else 0


def report(windows: Sequence[Window], found: Sequence[str]) -> None:
    rows = [window.figures() for window in windows]
    for name in rows[0]:
        print(f"{name:<26}" + "".join(f"{row[name]!s:>12}" for row in rows))
    print(f"problems in the books     {len(found):>12}")
    for problem in found[:10]:
        print(problem)
    print(json.dumps({"benchmark": "sessions", "windows": rows, "problems": len(found)}))


if __name__ == "__main__":
    sys.exit(main())
