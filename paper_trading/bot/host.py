"""Runs the sessions of one process over one market, block by block. Starting and recovering are the same path."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from chain.devnet.errors import DevnetCrashed
from chain.errors import RpcError
from dex.errors import HaltSession, Retryable
from dex.market.events import BlockUpdate
from dex.types import BlockRef
from paper_trading.bot import admission
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.commits import Commits
from paper_trading.bot.market import Market
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport
from paper_trading.bot.runner import RUNTIME_OVER, Runner, Watchers
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.telling import Telling
from paper_trading.feed.publisher import reset_session
from paper_trading.models import BotSession
from paper_trading.services import sessions
from paper_trading.services.leases import LeaseLost

logger = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.5, 10.0
LONG_OUTAGE = 4.0
"""A node that fails so long may be another one when it is back: the market is loaded anew then."""

AT_ONCE = 64
"""Sessions that think before the first of their ticks are written: the database works while the next ones think."""

MOST_FAILURES = 5
LONGEST_REST = 60.0
LOOK_SECONDS = 1.0
AWAY = (OperationalError, InterfaceError)


class LeaseInDoubt(Retryable):
    """Somebody else may run the sessions soon: nothing is sent before the database has confirmed them once more."""


Measure = Callable[[BlockRef, Sequence[float]], None]


class SessionHost:
    """All sessions of this process over one ``market``.

    A background host (``alone`` is False) goes on whatever becomes of one session: one that fails is pushed back in
    time and halts after ``MOST_FAILURES`` failures in a row. A foreground run is ``alone`` with the sessions that it
    was given, ends with the last of them, and raises what ended one. ``clock`` gives unix seconds for runtime limits;
    ``health`` is asked before a node is waited for, and raises ``DevnetCrashed`` where there will never be one again;
    ``measure`` hears of every block how many milliseconds after its arrival each session's tick was written.
    """

    def __init__(
        self,
        *,
        market: Market,
        note: Callable[[str], None],
        alone: bool,
        health: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
        measure: Measure = lambda block, ticks_ms: None,
    ) -> None:
        self.market = market
        self.runners: dict[int, Runner] = {}
        self.commits = Commits()
        self.is_leaving = False
        self.in_doubt = False
        self._note = note
        self._alone = alone
        self._health = health
        self._clock = clock
        self._measure = measure
        self._telling = Telling(market.scope.network.name)
        self._changed = asyncio.Event()
        self._pause = FIRST_RETRY
        self._error: Exception | None = None
        self._unfinished: BlockUpdate | None = None

    def take(
        self,
        *,
        session: BotSession,
        lease_token: int,
        scope: TradingScope,
        engine: AIEngine,
        receipts: ReceiptCheck,
        watchers: Watchers | None = None,
        count_blocks: int = 1,
    ) -> Runner:
        """Run a claimed session from the next block on."""
        runner = Runner(
            session=session,
            lease_token=lease_token,
            scope=scope,
            engine=engine,
            receipts=receipts,
            commits=self.commits,
            watchers=watchers,
            count_blocks=count_blocks,
        )
        self.runners[session.pk] = runner
        # Whoever ran it before may have died between a commit and telling of it.
        reset_session(session_id=session.pk, user_id=session.user_id)
        return runner

    def stop(self, reason: str) -> None:
        """Ask every session for a graceful end: no new decisions, orders settle or are cancelled."""
        for runner in self.runners.values():
            runner.stop(reason)
        self.wake()

    def leave(self) -> None:
        """End after the block that is being worked on, and leave the sessions as they are for another host."""
        self.is_leaving = True
        self.wake()

    def wake(self) -> None:
        """Something about the sessions has changed."""
        self._changed.set()

    def drop(self, session_id: int) -> None:
        """Somebody else runs it now."""
        if self.runners.pop(session_id, None) is None:
            return
        logger.info("session %s is left to another process", session_id)
        if self._alone:
            self._error = self._error or LeaseLost(f"session {session_id} was taken over by another process")

    async def run(self) -> None:
        """Until it is told to leave, or ``alone`` until the last session has ended; raises what ended it then."""
        try:
            while not self._is_over():
                try:
                    await self._follow()
                except (Retryable, RpcError) as error:
                    # A node that refuses one request may serve the next, and another URL may be asked then.
                    self._health()
                    if self._pause >= LONG_OUTAGE:
                        self.market.drop()
                    await self._rest(f"no new trades until the node is back in order: {error}")
                except AWAY as error:
                    if self._alone and connection.vendor != "postgresql":
                        raise
                    await self._rest(f"no new trades until the database is back: {_first_line(error)}")
                except DevnetCrashed:
                    raise  # nothing is wrong with the books: the sessions stay open and go on with the chain
                except HaltSession as error:
                    await self._halt_all(error)
        finally:
            self.commits.close()
            self._telling.close()
        if self._alone and self._error is not None:
            raise self._error

    async def _follow(self) -> None:
        """From a fresh start of the market to the end of the host; raises whatever needs a fresh start."""
        await self._reload()
        if self.market.desk is None:
            self._unfinished = None
            await self.market.open(await self._oldest_cursor())
        if self._unfinished is not None:
            await self._on_block(self._unfinished)
        updates = aiter(self.market.updates())
        coming = asyncio.ensure_future(anext(updates, None))
        try:
            while not self._is_over():
                await self._wait_for(coming)
                if coming.done():
                    update = coming.result()
                    if update is None:
                        await self._end_all("the recording ended")
                        return
                    await self._on_block(update)
                    coming = asyncio.ensure_future(anext(updates, None))
                await self._tend()
        finally:
            await self._put_back(coming)

    async def _put_back(self, coming: "asyncio.Future[BlockUpdate | None]") -> None:
        """A block that has come already is stepped after whatever ends this loop: the market gives it only once."""
        coming.cancel()
        with suppress(asyncio.CancelledError, Exception):
            self._unfinished = await coming or self._unfinished

    async def _wait_for(self, coming: "asyncio.Future[BlockUpdate | None]") -> None:
        """Until the next block, a word about a session, or the next moment at which one may have to end."""
        changed = asyncio.ensure_future(self._changed.wait())
        waiting: set[asyncio.Future[Any]] = {coming, changed}
        try:
            await asyncio.wait(waiting, timeout=self._seconds(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        self._changed.clear()

    async def _on_block(self, update: BlockUpdate) -> None:
        arrived = time.perf_counter()
        self._unfinished = update
        await self._tend(before=update.block)
        if self.in_doubt:
            raise LeaseInDoubt("the leases could not be renewed for half their time")
        live = update.block.number >= self.market.live_from
        # Those that wait for a block's verdict come last: the others need not wait for the node's answers.
        order = sorted(
            (one for one in self.runners.values() if one.needs(update.block, live=live)),
            key=lambda runner: runner.waits,
        )
        ticks_ms: list[float] = []
        reports: list[tuple[Runner, BlockReport]] = []
        steps: list[asyncio.Task[None]] = []
        for start in range(0, len(order), AT_ONCE):
            part = order[start : start + AT_ONCE]
            steps += [asyncio.create_task(self._step(runner, update, arrived, ticks_ms, reports)) for runner in part]
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*steps, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        self._pause, self._unfinished = FIRST_RETRY, None
        if live:
            self._measure(update.block, ticks_ms)
            await self.market.measure_gas()
            row = await self.market.observe(update)
            if row is not None:
                self._telling.take(row, self.commits.take_valued())
        for runner, report in reports:
            if runner.watchers is not None:
                runner.watchers.block(report)

    async def _step(
        self,
        runner: Runner,
        update: BlockUpdate,
        arrived: float,
        ticks_ms: list[float],
        reports: list[tuple[Runner, BlockReport]],
    ) -> None:
        try:
            report = await runner.on_block(update, self.market)
        except (Retryable, DevnetCrashed, *AWAY):
            raise
        except LeaseLost as error:
            self._lose(runner, error)
        except HaltSession as error:
            await self._end(runner, str(error), error)
        except Exception as error:
            if self._alone:
                raise
            await self._put_aside(runner, error)
        else:
            ticks_ms.append(1000.0 * (time.perf_counter() - arrived))
            if report is not None:
                reports.append((runner, report))

    async def _tend(self, before: BlockRef | None = None) -> None:
        """End what has to end by now; ``before`` a block nothing more is waited for but its own orders."""
        now = self._clock()
        for runner in tuple(self.runners.values()):
            if runner.seconds_left(now) == 0.0:
                runner.stop(RUNTIME_OVER)
            if before is not None and runner.waits:
                continue
            if runner.is_done(self.market.head()):
                await self._end(runner, runner.stop_reason)

    async def _end(self, runner: Runner, reason: str, error: HaltSession | None = None) -> None:
        try:
            if error is None:
                await runner.flush(self.market.head())
            await sync_to_async(sessions.end)(
                session=runner.session, lease_token=runner.lease_token, reason=reason, halted=error is not None
            )
        except LeaseLost as lost:
            self._lose(runner, lost)
            return
        except AWAY:
            raise
        except Exception as failure:
            if self._alone:
                raise
            await self._put_aside(runner, failure)
            return
        logger.info("session %s %s: %s", runner.session.pk, "halted" if error else "ended", reason)
        self._error = self._error or error
        self.runners.pop(runner.session.pk, None)

    async def _end_all(self, reason: str) -> None:
        for runner in tuple(self.runners.values()):
            await self._end(runner, runner.stop_reason or reason)

    async def _halt_all(self, error: HaltSession) -> None:
        """The market cannot be trusted: neither can anything that would be decided on it."""
        self._note(str(error))
        self.market.drop()
        for runner in tuple(self.runners.values()):
            await self._end(runner, str(error), error)
        if not self._alone:
            await self._rest("the market is loaded anew")

    async def _put_aside(self, runner: Runner, error: Exception) -> None:
        await self.push_back(runner.session, runner.lease_token, error)
        self.runners.pop(runner.session.pk, None)

    async def push_back(self, session: BotSession, lease_token: int, error: Exception) -> None:
        """Let a claimed session rest that failed; it halts after ``MOST_FAILURES`` of them in a row."""
        logger.error("session %s failed", session.pk, exc_info=error)
        rest = timedelta(seconds=min(2.0 ** (session.failures + 1), LONGEST_REST))
        with suppress(LeaseLost):
            await sync_to_async(sessions.push_back)(
                session=session,
                lease_token=lease_token,
                error=f"{type(error).__name__}: {_first_line(error)}",
                rest=rest,
                most=MOST_FAILURES,
            )

    def _lose(self, runner: Runner, error: LeaseLost) -> None:
        self.drop(runner.session.pk)
        self._error = self._error or error

    async def _rest(self, why: str) -> None:
        """Longer each time, but never past a runtime or a word to stop."""
        self._note(why)
        await sync_to_async(close_old_connections)()
        until = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LAST_RETRY)
        while not self._is_over() and (left := until - time.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, self._seconds())):
                    await self._changed.wait()
            self._changed.clear()
            with suppress(*AWAY):
                await self._tend()

    async def _reload(self) -> None:
        """What the database says of every session, after whatever happened to the last market."""
        loaded = await sync_to_async(sessions.load_all)(list(self.runners))
        for session_id, runner in tuple(self.runners.items()):
            session = loaded.get(session_id)
            if session is None or session.lease_token != runner.lease_token:
                self.drop(session_id)
            else:
                runner.reload(session)

    async def _oldest_cursor(self) -> int | None:
        """Of the sessions here, and in a background host of those that it may take up with orders that wait."""
        cursors = [runner.session.cursor_block for runner in self.runners.values()]
        if not self._alone:
            cursors.append(await sync_to_async(admission.oldest_cursor)(self.market.scope))
        return min((cursor for cursor in cursors if cursor is not None), default=None)

    def _seconds(self) -> float:
        now = self._clock()
        left = (runner.seconds_left(now) for runner in self.runners.values() if runner.stop_reason == "")
        return min(LOOK_SECONDS, min((seconds for seconds in left if seconds is not None), default=LOOK_SECONDS))

    def _is_over(self) -> bool:
        return self.is_leaving or (self._alone and not self.runners)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
