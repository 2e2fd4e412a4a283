"""How long the server takes for each page, and how much a page's first load weighs, with 100,000 trades.

    python -m benchmarks.pages [--trades 100000] [--points 100000] [--looks 40] [--databases sqlite postgres]
                               [--only PART ...] [--no-weights]

Each database is filled with the books of one user (``benchmarks.support.page_rows``) and every page, and every part of
it that renews itself, is asked for through Django with all its middleware, see ``benchmarks.support.page_times`` for
what is counted. ``first`` is the first look of the process, ``warm`` are looks at what has not changed, and ``cold``
are looks that each follow a trade that was booked and a point that was drawn. Milliseconds; a ``*`` stands where p95 is
over 50. The weights are what Chromium takes over the wire from daphne for a page, with an empty cache, until nothing
has come for a second: kB as they were sent. TEST_POSTGRES_URL names the PostgreSQL server. Prints tables and one line
of JSON; ends with 1 where a target was missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.api_latency import database
from benchmarks.support.beside_empty import percentile
from benchmarks.support.first_load import weigh

TARGET_MS = 50.0
TARGET_KB = 200.0
COLUMNS = ("first", "warm_p50", "warm_p95", "cold_p50", "cold_p95")


@contextmanager
def environment(kind: str) -> Iterator[dict[str, str]]:
    """Of a process with a database of its own, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        own = {"DEXPROJECT_VAR": folder, "DJANGO_SETTINGS_MODULE": "dexproject.settings", "REDIS_URL": ""}
        if kind == "sqlite":
            yield own | {"DATABASE_URL": f"sqlite:///{Path(folder) / 'db.sqlite3'}"}
            return
        with database() as url:
            yield own | {"DATABASE_URL": url}


def timed(options: argparse.Namespace, own: Mapping[str, str]) -> dict[str, Any]:
    plan = {name: getattr(options, name) for name in ("trades", "points", "seed", "looks", "only")}
    command = [sys.executable, "-m", "benchmarks.support.page_times", json.dumps(plan)]
    ran = subprocess.run(
        command, env={**os.environ, **own, "DEXPROJECT_ROLE": "web"}, stdout=subprocess.PIPE, text=True, check=True
    )
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def summed(row: Mapping[str, Any], kind: str) -> dict[str, Any]:
    shares = {f"{when}_p{q}": percentile(row[when], q) for when in ("warm", "cold") for q in (50, 95)}
    over = max(shares["warm_p95"], shares["cold_p95"]) > TARGET_MS
    page = {"database": kind, "page": row["page"], "part": row["part"]}
    return {**page, "first": round(row["first"], 2), **shares, "over": over}


def tell_times(rows: Sequence[Mapping[str, Any]]) -> None:
    print(f"{'database':<10}{'page':<24}{'part':<14}" + "".join(f"{name:>10}" for name in COLUMNS))
    for row in rows:
        figures = "".join(f"{row[name]:>10.1f}" for name in COLUMNS)
        print(f"{row['database']:<10}{row['page']:<24}{row['part']:<14}{figures}{' *' if row['over'] else ''}")


def tell_weights(rows: Sequence[Mapping[str, Any]]) -> None:
    kinds = [name for name in rows[0] if name not in ("page", "over")]
    print(f"{'page':<24}" + "".join(f"{name:>10}" for name in kinds))
    for row in rows:
        print(f"{row['page']:<24}" + "".join(f"{row[name]:>10}" for name in kinds) + (" *" if row["over"] else ""))


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the pages.")
    parser.add_argument("--trades", type=int, default=100_000)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--looks", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--databases", nargs="+", choices=("sqlite", "postgres"), default=["sqlite", "postgres"])
    parser.add_argument("--only", nargs="+", default=[], help="parts of the pages' names")
    parser.add_argument("--no-weights", action="store_true", help="without Chromium")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    weights: list[dict[str, Any]] = []
    for kind in options.databases:
        with environment(kind) as own:
            told = timed(options, own)
            rows += [summed(row, kind) for row in told["rows"]]
            if not (weights or options.no_weights):
                weights = weigh(own, told["session_key"], told["pages"], most_kb=TARGET_KB)
    tell_times(rows)
    if weights:
        tell_weights(weights)
    targets = {"p95_ms": TARGET_MS, "first_load_kb": TARGET_KB}
    print(json.dumps({"benchmark": "pages", "trades": options.trades, **targets, "rows": rows, "weights": weights}))
    return int(any(row["over"] for row in (*rows, *weights)))


if __name__ == "__main__":
    sys.exit(main())
