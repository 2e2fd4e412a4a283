"""Where the sessions' ticks are written: in the database's one thread, or in several of their own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from paper_trading.bot.outages import AWAY

R = TypeVar("R")
CLOSE_SECONDS = 1.0


class Writer(Protocol):
    """Runs ``work`` away from the event loop, up to ``width`` of them at a time."""

    width: int

    async def run(self, work: Callable[[], R]) -> R: ...

    def close(self) -> None: ...


class DatabaseThread:
    """The thread that everything else about the database runs in; the only writer that SQLite allows."""

    width = 1

    async def run(self, work: Callable[[], R]) -> R:
        return await sync_to_async(work)()

    def close(self) -> None:
        return


class WriterThreads:
    """``width`` threads with a connection each, for PostgreSQL: while it works on one transaction, Python prepares the
    next. What they write at the same time must be of different sessions."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="writer")

    async def run(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _guarded, work)

    def close(self) -> None:
        """Every thread closes its own connection; one that the database keeps waiting is left to the process's end."""
        together = threading.Barrier(self.width)
        for _ in range(self.width):
            self._pool.submit(_leave, together)
        self._pool.shutdown(wait=False)


def _guarded(work: Callable[[], R]) -> R:
    try:
        return work()
    except AWAY:
        close_old_connections()  # this thread's, which nobody else could
        raise


def _leave(together: threading.Barrier) -> None:
    with suppress(threading.BrokenBarrierError):
        together.wait(CLOSE_SECONDS)  # so that no thread takes the turn of another
    connection.close()
