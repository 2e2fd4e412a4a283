"""How long a tick takes to be booked for good, on SQLite as the program runs it, and whether history slows it down.

    python -m benchmarks.booking [--earlier 0 1000 5000] [--commits 200] [--one-position] [--folder DIR]

Measured at each number of earlier trades: ``commit`` of a tick with one fill and three decisions, one of which places
the next order; ``read_book``; and ``check_ledger``. Trades are round trips over five tokens, or with ``--one-position``
buys that all join one position. "disk" is the least that any durable commit costs here: one row in one transaction.
The database is a new file, WAL and synchronous=FULL, with the indexes and checks of the migrations; the history is
written by the same ``commit``. Milliseconds by the wall clock; prints a table and one line of JSON.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.support.booking_history import History

HISTORY_BATCH = 250
"""Earlier trades between two commits to the disk."""


@contextmanager
def fresh_database(folder: str | None) -> Iterator[None]:
    """The program's own settings over a new database file, gone at the end."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="booking-") as name:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(name) / 'books.sqlite3'}"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connection.close()


def timed(count: int, call: Callable[[], object]) -> list[float]:
    """Milliseconds of each of ``count`` calls."""
    taken: list[float] = []
    gc.collect()
    for _ in range(count):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def percentile(values: Sequence[float], share: int) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(values)
    return round(ranked[max(0, -(-len(ranked) * share // 100) - 1)], 2)


def disk_probe(history: "History") -> Callable[[], object]:
    def touch() -> None:
        type(history.session).objects.filter(pk=history.session.pk).update(end_reason=str(time.perf_counter()))

    return touch


def statements(call: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def measure(history: "History", *, earlier: int, commits: int) -> dict[str, float]:
    from paper_trading.bot.book import read_book
    from paper_trading.selectors import check_ledger

    history.grow(earlier, batch=HISTORY_BATCH)
    for _ in range(5):
        history.commit()
    commit_ms = timed(commits, history.commit)
    read_ms = timed(commits, lambda: read_book(history.session))
    disk_ms = timed(commits, disk_probe(history))
    started = time.perf_counter()
    problems = check_ledger(history.account)
    check_seconds = time.perf_counter() - started
    if problems:
        raise SystemExit(f"the books are out of order: {problems[0]}")
    return {
        "earlier": earlier,
        "commit_p50_ms": percentile(commit_ms, 50),
        "commit_p99_ms": percentile(commit_ms, 99),
        "commit_statements": statements(history.commit),
        "read_book_p50_ms": percentile(read_ms, 50),
        "read_book_p99_ms": percentile(read_ms, 99),
        "disk_p50_ms": percentile(disk_ms, 50),
        "disk_p99_ms": percentile(disk_ms, 99),
        "check_ledger_s": round(check_seconds, 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure booking against the length of the history.")
    parser.add_argument("--earlier", type=int, nargs="+", default=[0, 1_000, 5_000])
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--one-position", action="store_true")
    parser.add_argument("--folder", default=None, help="where the database is put, on the disk to be measured")
    options = parser.parse_args()
    if min(options.earlier) < 0 or options.commits < 1:
        parser.error("--earlier is 0 or more and --commits at least 1")
    with fresh_database(options.folder):
        from benchmarks.support.booking_history import History

        history = History(one_position=options.one_position)
        rows = [measure(history, earlier=earlier, commits=options.commits) for earlier in sorted(set(options.earlier))]
    for name in rows[0]:
        print(f"{name:<20}" + "".join(f"{row[name]:>12}" for row in rows))
    print(json.dumps({"benchmark": "booking", "one_position": options.one_position, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
