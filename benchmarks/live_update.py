"""How long after its commit a change is on the screen.

    python -m benchmarks.live_update [--trades 100000] [--changes 60] [--pause 1.0] [--only memory redis]

A session trades, one block after the other, while headless Chromium shows its page; the user has ``--trades`` others.
With ``redis`` a process of its own commits and daphne tells the page, as a worker and ``make web`` do; with ``memory``
the web process commits itself, as a bot with a dashboard does. SQLite. Four changes of a block are followed from the
moment that its transaction is committed to the first frame that was painted with it: ``trade``, the line of the fill in
the list of trades; ``decision``, the line of the next order's in the list of decisions; ``tick``, the session's last
block in its head; ``block``, the chain's in the header. Both lists are in view. Both clocks are the machine's.
Milliseconds; ``missed`` are changes that were never seen, because a newer one took their place.
Prints a table and one line of JSON; ends with 1 where a p95 is over the target.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.feed import web
from benchmarks.support.beside_empty import percentile
from benchmarks.support.first_load import chromium, visit
from tests.support.redis_server import redis_server

TARGET_MS = 100.0
SETTLE_SECONDS = 3.0
TOLD = ("trade", "decision", "block")
CHANGES = ("trade", "decision", "tick", "block")
SEEN = Path(__file__).parent / "support" / "seen.js"
Stamp = tuple[str, int, float]


class InWeb:
    """The web process at ``url`` commits."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/commits/"
        self.session = int(self._ask()["session"])

    def begin(self, plan: Mapping[str, Any]) -> None:
        self._ask(json.dumps(plan).encode())

    def stamps(self, count: int) -> list[Stamp]:
        """Waits until there are so many."""
        while len(found := list(self._ask()["stamps"])) < count:
            time.sleep(1.0)
        return found

    def _ask(self, plan: bytes | None = None) -> Any:
        with urlopen(self._url, data=plan, timeout=30) as answer:  # noqa: S310 - our own server
            return json.load(answer)


class Beside:
    """A process of its own commits."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.session = int(self._line()["session"])

    def begin(self, plan: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(plan) + "\n")
        self._process.stdin.flush()

    def stamps(self, count: int) -> list[Stamp]:
        """Waits until there are all; ``count`` is how many."""
        found: list[Stamp] = self._line()["stamps"]
        assert len(found) == count
        return found

    def _line(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def beside(environment: Mapping[str, str]) -> Iterator[Beside]:
    command = [sys.executable, "-m", "benchmarks.support.committing"]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Beside(process)
        finally:
            process.terminate()


def prepare(folder: Path, options: argparse.Namespace) -> str:
    """Fills the database of ``folder``; the key of its user's login."""
    plan = {"trades": options.trades, "points": options.trades, "seed": 1, "looks": 0, "only": []}
    command = [sys.executable, "-m", "benchmarks.support.page_times", json.dumps(plan)]
    environment = {**os.environ, **settings_of(folder), "DEXPROJECT_ROLE": "web"}
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return str(json.loads(ran.stdout.splitlines()[-1])["session_key"])


def settings_of(folder: Path, redis_url: str = "") -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "DEXPROJECT_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "dexproject.settings",
        "REDIS_URL": redis_url,
    }


def measured(kind: str, filled: Path, session_key: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="live-")))
        shutil.copytree(filled, folder, dirs_exist_ok=True)
        redis_url = stack.enter_context(redis_server(folder)).url if kind == "redis" else ""
        environment = settings_of(folder, redis_url)
        served = "dexproject.asgi" if kind == "redis" else "benchmarks.support.committing"
        port, _ = stack.enter_context(web(environment, f"{served}:application"))
        url = f"http://127.0.0.1:{port}"
        committer = stack.enter_context(beside(environment)) if kind == "redis" else InWeb(url)
        page = stack.enter_context(visit(stack.enter_context(chromium()), url, session_key))
        page.add_init_script(path=SEEN)
        page.goto(f"{url}/sessions/{committer.session}/")
        page.locator("#trades").evaluate("(card) => card.scrollIntoView({ block: 'center' })")
        page.wait_for_timeout(SETTLE_SECONDS * 1000)
        committer.begin({"count": options.changes, "pause": options.pause})
        time.sleep(options.changes * options.pause)
        stamps = committer.stamps(len(TOLD) * options.changes)
        page.wait_for_timeout(SETTLE_SECONDS * 1000)
        seen = page.evaluate("seenAt")
    return [row(kind, what, [*stamps, *ticks_of(stamps)], seen) for what in CHANGES]


def ticks_of(stamps: Sequence[Stamp]) -> Iterator[Stamp]:
    """A block's number with the moment at which its tick was committed, which is when its trade was."""
    for (_, _, committed), (_, number, _) in zip(stamps[::3], stamps[2::3], strict=True):
        yield "tick", number, committed


def row(kind: str, what: str, stamps: Sequence[Stamp], seen: Mapping[str, float | None]) -> dict[str, Any]:
    delays, missed = [], 0
    for _, number, committed in (stamp for stamp in stamps if stamp[0] == what):
        shown = seen.get(f"{what} {number}")
        if shown is None:
            missed += 1
        else:
            delays.append(shown - committed * 1000)
    if not delays:
        raise SystemExit(f"no {what} ever came to the screen")
    quantiles = {f"p{q}_ms": percentile(delays, q) for q in (50, 95, 100)}
    over = quantiles["p95_ms"] > TARGET_MS
    return {"feed": kind, "change": what, "count": len(delays), "missed": missed, **quantiles, "over": over}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure how soon a page shows a change.")
    parser.add_argument("--trades", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two blocks")
    parser.add_argument("--only", nargs="+", choices=("memory", "redis"), default=["memory", "redis"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="live-") as filled:
        session_key = prepare(Path(filled), options)
        rows = [one for kind in options.only for one in measured(kind, Path(filled), session_key, options)]
    names = list(rows[0])
    print("".join(f"{name:>12}" for name in names))
    for one in rows:
        print("".join(f"{one[name]!s:>12}" for name in names))
    print(json.dumps({"benchmark": "live_update", "target_p95_ms": TARGET_MS, "trades": options.trades, "rows": rows}))
    return int(any(one["over"] for one in rows))


if __name__ == "__main__":
    sys.exit(main())
