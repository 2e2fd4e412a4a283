"""Where ticks are written: one thread, or several that work at the same time."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from paper_trading.bot.commits import Gatherer
from paper_trading.bot.writers import DatabaseThread, WriterThreads

PATIENCE = 20.0


async def test_two_writers_work_at_the_same_time() -> None:
    both = threading.Barrier(2)
    writers = WriterThreads(2)
    try:
        seen = await asyncio.gather(*(writers.run(lambda: both.wait(PATIENCE)) for _ in range(2)))
    finally:
        writers.close()
    assert sorted(seen) == [0, 1]


async def test_a_writer_that_lost_the_database_gives_its_connection_back(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(
        "paper_trading.bot.writers.close_old_connections", lambda: closed.append(threading.current_thread().name)
    )

    def lost() -> str:
        raise OperationalError("the server closed the connection")

    writers = WriterThreads(1)
    try:
        with pytest.raises(OperationalError):
            await writers.run(lost)
        assert closed == [await writers.run(lambda: threading.current_thread().name)]
    finally:
        writers.close()


async def test_every_writer_closes_its_own_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    closed, done = set[str](), threading.Event()

    class Connection:
        def close(self) -> None:
            closed.add(threading.current_thread().name)
            if len(closed) == 3:
                done.set()

    monkeypatch.setattr("paper_trading.bot.writers.connection", Connection())
    writers = WriterThreads(3)
    await writers.run(lambda: None)
    writers.close()
    assert await asyncio.to_thread(done.wait, PATIENCE)


async def test_what_comes_while_all_writers_are_busy_is_written_together() -> None:
    calls: list[list[int]] = []
    busy, go = threading.Semaphore(0), threading.Event()

    def work(items: Sequence[int]) -> list[int | Exception]:
        calls.append(list(items))
        busy.release()
        go.wait(PATIENCE)
        return [10 * item for item in items]

    writers = WriterThreads(2)
    gatherer: Gatherer[int, int] = Gatherer(work, writers)
    try:
        asked = [asyncio.ensure_future(gatherer.ask(1))]
        await asyncio.to_thread(busy.acquire, timeout=PATIENCE)
        asked.append(asyncio.ensure_future(gatherer.ask(2)))
        await asyncio.to_thread(busy.acquire, timeout=PATIENCE)
        asked += [asyncio.ensure_future(gatherer.ask(number)) for number in (3, 4, 5)]
        await asyncio.sleep(0)
        go.set()
        assert await asyncio.gather(*asked) == [10, 20, 30, 40, 50]
    finally:
        writers.close()
    assert calls[:2] == [[1], [2]]
    assert [3, 4, 5] in calls


async def test_the_database_s_thread_is_one() -> None:
    names = await asyncio.gather(*(DatabaseThread().run(threading.get_ident) for _ in range(3)))
    assert len(set(names)) == 1


async def test_one_who_asks_in_the_moment_in_which_the_last_answer_came_is_answered() -> None:
    gatherer: Gatherer[int, int] = Gatherer(list, DatabaseThread())

    async def again() -> int:
        await gatherer.ask(1)
        return await gatherer.ask(2)  # in the same turn of the loop in which the first call's task ends

    for _ in range(50):
        async with asyncio.timeout(PATIENCE):
            assert await again() == 2
