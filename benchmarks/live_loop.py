"""How fast the running bot is: block to decision and block to booked trade, on a local chain of its own.

    python -m benchmarks.live_loop [SECONDS] [--block-time S]

Runs the real command at level 8 for so many seconds (default 120), first on a chain that has to be made and then, for a
moment, on the same chain again. Everything is written to a temporary folder. Prints a table and one line of JSON.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LEVEL = 8
CACHED_RUN_SECONDS = 3.0
SAMPLE_SECONDS = 0.2


@dataclass(slots=True)
class Run:
    """``ready_seconds`` counts from the command's start to its first line about a session."""

    ready_seconds: float = 0.0
    decided: list[float] = field(default_factory=list)
    booked: list[float] = field(default_factory=list)
    booked_with_fills: list[float] = field(default_factory=list)
    trades: int = 0
    peak_memory_mb: float = 0.0
    code: int = 0


def manage(var: Path, *arguments: object) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if name not in ("RPC_URL", "DATABASE_URL")}
    return subprocess.Popen(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env={**environment, "DEXPROJECT_VAR": str(var)},
        stdout=subprocess.PIPE,
        text=True,
    )


def peak_memory_mb(pid: int) -> float:
    """The largest resident set of a living process; 0 where the system does not tell (Linux does)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def run(var: Path, seconds: float, block_time: float) -> Run:
    result, started = Run(), time.perf_counter()
    options = ("--intel", LEVEL, "--runtime-minutes", seconds / 60, "--block-time", block_time, "--json")
    process = manage(var, "run_paper_bot", *options)

    def watch() -> None:
        while process.poll() is None:
            result.peak_memory_mb = max(result.peak_memory_mb, peak_memory_mb(process.pid))
            time.sleep(SAMPLE_SECONDS)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    fills = 0
    for text in process.stdout or ():
        line: dict[str, Any] = json.loads(text)
        if line["type"] == "startup":
            result.ready_seconds = time.perf_counter() - started
        elif line["type"] == "trade":
            fills += 1
        elif line["type"] == "block":
            result.decided.append(line["decided_ms"])
            (result.booked_with_fills if fills > 0 else result.booked).append(line["booked_ms"])
            result.trades += fills
            fills = 0
    result.code = process.wait()
    watcher.join()
    return result


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile, so that it is a value that was measured; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def spread(name: str, values: Sequence[float]) -> dict[str, float | None]:
    return {
        f"{name}_ms_p50": round(statistics.median(values), 2) if values else None,
        f"{name}_ms_p99": percentile(values, 99),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the bot on a local chain and measure it.")
    parser.add_argument("seconds", type=float, nargs="?", default=120.0)
    parser.add_argument("--block-time", type=float, default=1.0, help="seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if manage(Path(folder), "migrate", "--verbosity", 0).wait() != 0:
            return 1
        measured = run(Path(folder), options.seconds, options.block_time)
        cached = run(Path(folder), CACHED_RUN_SECONDS, options.block_time)
    figures = {
        "benchmark": "live_loop",
        "level": LEVEL,
        "block_time": options.block_time,
        "blocks": len(measured.decided),
        "blocks_with_fills": len(measured.booked_with_fills),
        "trades": measured.trades,
        **spread("decided", measured.decided),
        **spread("booked", measured.booked),
        **spread("booked_with_fills", measured.booked_with_fills),
        "peak_memory_mb": round(measured.peak_memory_mb, 1),
        "cold_start_seconds": round(measured.ready_seconds, 2),
        "cached_start_seconds": round(cached.ready_seconds, 2),
    }
    for name, value in figures.items():
        print(f"{name:<28}{'-' if value is None else value:>16}")
    print(json.dumps(figures))
    return measured.code or cached.code


if __name__ == "__main__":
    sys.exit(main())
