"""What the sessions of a process write and read, gathered: one transaction for all that come at the same time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

from dex.market.state import MarketState
from paper_trading.bot.book import Book, read_books
from paper_trading.bot.orphans import Orphans, orphans
from paper_trading.bot.writers import DatabaseThread, Writer
from paper_trading.models import BotSession
from paper_trading.services.leases import LeaseLost
from paper_trading.services.ticks import SessionTick, Tick, Valued, Written, commit_all

MOST_TOGETHER = 128

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Gatherer(Generic[Item, Answer]):
    """Answers every ``ask`` by calls of ``work`` with all that waits; while ``writer`` is busy, the next one fills.

    An exception among the answers of ``work`` is raised to the one who asked, one that it raises to all of that call.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Answer | Exception]], writer: Writer) -> None:
        self._work = work
        self._writer = writer
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._at_work = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, item: Item) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._at_work < self._writer.width:
            self._at_work += 1
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    def close(self) -> None:
        """Nothing more is worked on; whoever waits is cancelled."""
        for task in self._tasks:
            task.cancel()
        for _, answer in self._waiting:
            answer.cancel()
        self._waiting.clear()

    async def _drain(self) -> None:
        try:
            await self._answer_all()
        finally:
            # At once, and not when the loop says that the task is done: who asks in between would wait for nobody.
            self._at_work -= 1

    async def _answer_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            answers: Sequence[Answer | Exception]
            try:
                answers = await self._writer.run(partial(self._work, [item for item, _ in batch]))
            except Exception as error:  # noqa: BLE001 - raised again to each of those who asked
                answers = [error] * len(batch)
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if waiting.done():
                    continue
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)


class Commits:
    """The database as the traders of one process use it; ``writer`` writes their ticks."""

    def __init__(self, writer: Writer) -> None:
        thread = DatabaseThread()
        self._writer = writer
        self._ticks: Gatherer[SessionTick, Written] = Gatherer(commit_all, writer)
        self._books: Gatherer[BotSession, Book] = Gatherer(_read, thread)
        self._orphans: Gatherer[tuple[BotSession, MarketState], Orphans] = Gatherer(_compare, thread)
        self._valued: dict[int, Valued] = {}

    async def commit(self, *, session_id: int, lease_token: int, tick: Tick) -> Written:
        """See ``services.ticks.commit``; ticks of several sessions that come together share a transaction."""
        written = await self._ticks.ask(SessionTick(session_id=session_id, lease_token=lease_token, tick=tick))
        if written.valued is not None:
            self._valued[session_id] = written.valued
        return written

    def take_valued(self) -> Mapping[int, Valued]:
        """The newest valuation of each session that was written since the last call."""
        valued, self._valued = self._valued, {}
        return valued

    async def read(self, session: BotSession) -> Book:
        """The session's book after the last commit."""
        return await self._books.ask(session)

    async def orphans(self, session: BotSession, market: MarketState) -> Orphans:
        """What the session's account has booked in blocks that ``market`` no longer has."""
        return await self._orphans.ask((session, market))

    def close(self) -> None:
        for gatherer in (self._ticks, self._books, self._orphans):
            gatherer.close()
        self._writer.close()


def _compare(asked: Sequence[tuple[BotSession, MarketState]]) -> list[Orphans]:
    """All that ask at the same time follow the same market."""
    found = orphans([session for session, _ in asked], asked[-1][1])
    return [found[session.pk] for session, _ in asked]


def _read(sessions: Sequence[BotSession]) -> list[Book | Exception]:
    books = read_books(sessions)
    return [books.get(session.pk) or LeaseLost(f"session {session.pk} is gone") for session in sessions]
