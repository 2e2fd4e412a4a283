"""The whole recorded pool traded twice at level 8 by the real command, each time from nothing: is it the same?

    python -m benchmarks.recording_twice

Every line that the two runs print is compared, but for timings and the startup line, and the ledgers of both are
checked. Prints a table and one line of JSON, with the slower run's seconds; fails on a difference. The data is looked
for in DEXPROJECT_DATA, or beside the project.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("DEXPROJECT_DATA", ROOT.parent / "shared" / "data"))
FOLDER = DATA / "weth-op-optimism"
LEVEL = 8
TIMINGS = ("decided_ms", "booked_ms")
SAMPLE_LINES = 200
"""The peak is the kernel's own high-water mark, so looking at it now and then is enough."""


@dataclass(slots=True)
class Played:
    """``lines`` holds a digest of each line that must be the same in every run."""

    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    trades: Counter[str] = field(default_factory=Counter)
    lines: list[bytes] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    ledgers_ok: bool = False


def environment(var: Path) -> dict[str, str]:
    own = ("RPC_URL", "DATABASE_URL", "NETWORKS_DIR")
    return {name: value for name, value in os.environ.items() if name not in own} | {"DEXPROJECT_VAR": str(var)}


def manage(var: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment(var), stdout=subprocess.PIPE, text=True, check=False)


def peak_memory_mb(pid: int) -> float:
    """The largest resident set of a living process; 0 where the system does not tell (Linux does)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def play(var: Path) -> Played:
    """Raises ``SystemExit`` where a command fails: there is nothing to compare then."""
    if manage(var, "migrate", "--verbosity", 0).returncode != 0:
        raise SystemExit("the database could not be set up")
    played, started = Played(), time.perf_counter()
    options = ("run_paper_bot", "--intel", LEVEL, "--recording", FOLDER, "--json")
    command = [sys.executable, "manage.py", *map(str, options)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(var), stdout=subprocess.PIPE, text=True) as process:
        for number, text in enumerate(process.stdout or ()):
            take(played, json.loads(text))
            if number % SAMPLE_LINES == 0:
                played.peak_memory_mb = max(played.peak_memory_mb, peak_memory_mb(process.pid))
    played.seconds = time.perf_counter() - started
    if process.returncode != 0:
        raise SystemExit(f"the run ended with exit code {process.returncode}")
    played.ledgers_ok = manage(var, "verify_paper_trading", "--json").returncode == 0
    return played


def take(played: Played, line: dict[str, Any]) -> None:
    if line["type"] == "startup":
        return
    if line["type"] == "trade":
        played.trades[line["status"]] += 1
    elif line["type"] == "summary":
        played.summary = line
    kept = {name: value for name, value in line.items() if name not in TIMINGS}
    played.lines.append(hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).digest())


def first_difference(one: Played, two: Played) -> int | None:
    """The number, from 1, of the first line that is not the same in both."""
    pairs = enumerate(zip_longest(one.lines, two.lines), start=1)
    return next((number for number, (left, right) in pairs if left != right), None)


def swaps() -> int:
    counts: dict[str, int] = json.loads((FOLDER / "pool.json").read_text(encoding="utf-8"))["counts"]
    return counts["swap"]


def worth(summary: dict[str, Any], name: str) -> str | None:
    money = summary.get(name)
    return None if money is None else f"{money['text']} {money['symbol']}"


def main() -> int:
    if not FOLDER.is_dir():
        print(f"no recorded chain data in {FOLDER}: nothing to measure")
        return 0
    runs = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as name:
            runs.append(play(Path(name)))
    one, two = runs
    difference, seconds = first_difference(one, two), max(run.seconds for run in runs)
    figures = {
        "benchmark": "recording_twice",
        "level": LEVEL,
        "swaps": swaps(),
        "seconds": round(seconds, 1),
        "swaps_per_second": round(swaps() / seconds, 1),
        "peak_memory_mb": round(max(run.peak_memory_mb for run in runs), 1),
        "trades": sum(one.trades.values()),
        "filled": one.trades["filled"],
        "equity": worth(one.summary, "equity"),
        "holding": worth(one.summary, "holding"),
        "lines_compared": len(one.lines),
        "first_difference": difference,
        "ledgers_ok": all(run.ledgers_ok for run in runs),
        "same": difference is None,
    }
    for name, value in figures.items():
        print(f"{name:<28}{'-' if value is None else value!s:>32}")
    print(json.dumps(figures))
    return 0 if figures["same"] and figures["ledgers_ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
