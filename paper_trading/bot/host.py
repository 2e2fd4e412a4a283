"""Runs the sessions of one process over one market, block by block. Starting and recovering are the same path."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from chain.devnet.errors import DevnetCrashed
from chain.errors import RpcError
from dex.errors import HaltSession, Retryable
from dex.market.events import BlockUpdate
from dex.types import BlockRef
from paper_trading.bot import admission
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.commits import Commits
from paper_trading.bot.endings import Endings
from paper_trading.bot.incoming import Incoming
from paper_trading.bot.market import Market
from paper_trading.bot.outages import AWAY, first_line
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.runner import RUNTIME_OVER, Runner, Watchers
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.stepping import Stepping, Steps
from paper_trading.bot.telling import Telling
from paper_trading.bot.writers import DatabaseThread, Writer
from paper_trading.feed.publisher import reset_session
from paper_trading.models import BotSession
from paper_trading.services import sessions

logger = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.5, 10.0
LONG_OUTAGE = 4.0
"""A node that fails so long may be another one when it is back: the market is loaded anew then."""

LOOK_SECONDS = 1.0
FINISH_SECONDS = 1.0
"""What a block that is being worked on gets when the host is told to leave: its node may never answer."""


class LeaseInDoubt(Retryable):
    """Somebody else may run the sessions soon: nothing is sent before the database has confirmed them once more."""


Measure = Callable[[BlockRef, Sequence[float]], None]


class SessionHost:
    """All sessions of this process over one ``market``.

    A background host (``alone`` is False) goes on whatever becomes of one session, see ``Endings``. A foreground run is
    ``alone`` with the sessions that it was given, ends with the last of them, and raises what ended one. A session that
    comes between two blocks begins with the newer one that is there. ``clock`` gives unix seconds for runtime limits;
    ``health`` is asked before a node is waited for, and raises ``DevnetCrashed`` where there will never be one again;
    ``measure`` hears of every block how many milliseconds after its arrival each session's tick was written; without
    ``writer`` that happens in the database's thread.
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
        writer: Writer | None = None,
    ) -> None:
        self.market = market
        self.runners: dict[int, Runner] = {}
        self.commits = Commits(DatabaseThread() if writer is None else writer)
        self.endings = Endings(self.runners, market=market, alone=alone)
        self.is_leaving = False
        self.in_doubt = False
        self._note = note
        self._alone = alone
        self._health = health
        self._clock = clock
        self._measure = measure
        self._telling = Telling(market.scope.network.name)
        self._changed = asyncio.Event()
        self._left = asyncio.Event()
        self._stepping = Stepping(self.runners, market=market, endings=self.endings, alone=alone)
        self._incoming = Incoming(market)
        self._is_opening = False
        self._pause = FIRST_RETRY
        self._newest: BlockUpdate | None = None
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
        """Run a claimed session from the newest block on."""
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
        self.wake()
        return runner

    def stop(self, reason: str) -> None:
        """Ask every session for a graceful end: no new decisions, orders settle or are cancelled."""
        for runner in self.runners.values():
            runner.stop(reason)
        self.wake()

    def leave(self) -> None:
        """End after the block that is being worked on, and leave the sessions as they are for another host.

        Nothing else is waited for, least of all the node.
        """
        self.is_leaving = True
        self._left.set()
        self.wake()

    def wake(self) -> None:
        """Something about the sessions has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Until it is told to leave, or ``alone`` until the last session has ended; raises what ended it then."""
        working = asyncio.create_task(self._work())
        leaving = asyncio.create_task(self._left.wait())
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({working}, timeout=0.0 if self._is_opening else FINISH_SECONDS)
        finally:
            leaving.cancel()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)  # its error is raised below
            await self._incoming.forget()
            self.commits.close()
            self._telling.close()
        if not working.cancelled():
            working.result()
        if self._alone and self.endings.error is not None:
            raise self.endings.error

    async def _work(self) -> None:
        while not self._is_over():
            try:
                await self._follow()
            except (Retryable, RpcError) as error:
                # A node that refuses one request may serve the next, and another URL may be asked then.
                self._health()
                if self._pause >= LONG_OUTAGE:
                    self.market.drop()
                with suppress(*AWAY):
                    await self.market.in_trouble(first_line(error))
                await self._rest(f"no new trades until the node is back in order: {error}")
            except AWAY as error:
                if self._alone and connection.vendor != "postgresql":
                    raise
                await self._rest(f"no new trades until the database is back: {first_line(error)}")
            except DevnetCrashed:
                raise  # nothing is wrong with the books: the sessions stay open and go on with the chain
            except HaltSession as error:
                self._note(str(error))
                self.market.drop()
                await self.endings.halt_all(error)
                if not self._alone:
                    await self._rest("the market is loaded anew")

    async def _follow(self) -> None:
        """From a fresh start of the market to the end of the host; raises whatever needs a fresh start."""
        await self._open()
        if self._unfinished is not None:
            await self._on_block(self._unfinished)
        while not self._is_over():
            coming = self._incoming.coming()
            await self._wait_for(coming)
            if not coming.done():
                await self._catch_up()
            elif (update := self._incoming.take()) is not None:
                await self._on_block(update)
            else:
                await self.endings.end_all("the recording ended")
                return
            await self._tend()

    async def _open(self) -> None:
        self._is_opening = True
        try:
            await self._reload()
            if self.market.desk is None:
                await self._incoming.forget()
                self._newest = self._unfinished = None
                await self.market.open(await self._oldest_cursor())
        finally:
            self._is_opening = False

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
        steps = Steps()
        self.market.apply(update)
        self._unfinished = update
        await self._tend(before=update.block)
        if self.in_doubt:
            raise LeaseInDoubt("the leases could not be renewed for half their time")
        await self._stepping.step(update, steps)
        self._pause = FIRST_RETRY
        # A host that leaves lets the next one tell the world: its sessions wait to be handed over.
        if self.market.is_live(update.block) and not self.is_leaving:
            self._measure(update.block, steps.ticks_ms)
            await self._tell(update)
        self._newest, self._unfinished = update, None
        steps.show()

    async def _catch_up(self) -> None:
        """Step sessions that came after the newest block was done on that block, instead of waiting for the next."""
        newest = self._newest
        if newest is None or self.in_doubt or self.market.desk is None or not self.market.is_live(newest.block):
            return
        steps = Steps()
        await self._stepping.step(newest, steps)
        steps.show()

    async def _tell(self, update: BlockUpdate) -> None:
        await self.market.measure_gas()
        row = await self.market.observe(update)
        if row is not None:
            self._telling.take(row, self.commits.take_valued())

    async def _tend(self, before: BlockRef | None = None) -> None:
        """End what has to end by now; ``before`` a block nothing more is waited for but its own orders."""
        now = self._clock()
        for runner in tuple(self.runners.values()):
            if runner.seconds_left(now) == 0.0:
                runner.stop(RUNTIME_OVER)
            if before is not None and runner.waits:
                continue
            if runner.is_done(self.market.head()):
                await self.endings.end(runner, runner.stop_reason)

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
                self.endings.drop(session_id)
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
