"""Threads that write to one PostgreSQL database at the same time, each over a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db.backends.base.base import BaseDatabaseWrapper

from tests.support.postgres import as_default


def together(books: BaseDatabaseWrapper, jobs: Sequence[Callable[[], object]]) -> None:
    """Run ``jobs`` at once and wait for all of them; raises what the first one that failed raised."""

    def run(job: Callable[[], object]) -> None:
        own = books.copy()
        try:
            with as_default(own):
                job()
        finally:
            own.close()

    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        for future in [pool.submit(run, job) for job in jobs]:
            future.result(timeout=60)
