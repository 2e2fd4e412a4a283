"""Runs a session over a source, block by block, until it ends. Starting and recovering are the same path."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async

from chain.devnet.errors import DevnetCrashed
from chain.errors import HistoryUnavailable, RpcError
from chain.source import MarketSource, MarketStart
from dex.errors import HaltSession, Retryable
from dex.market.events import BlockUpdate
from dex.types import BlockRef
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.simple_trader import SimpleTrader
from paper_trading.bot.tools import Tools
from paper_trading.models import BotSession
from paper_trading.services import leases, sessions
from paper_trading.services.simulator import PaperExecutor
from paper_trading.services.verify import ChainReader
from trading.services import register_market

WARM_BLOCKS = (200, 100, 50, 0)
"""Blocks of history to read before the first decision: the most of these whose state the node still has."""

LIVE_FLUSH, RECORDED_FLUSH = 1, 500
SETTLE_BLOCKS = 3
"""Block times that a stopping session waits for its orders before it cancels them."""

TIP_BLOCKS = 10
FIRST_RETRY, LAST_RETRY = 0.5, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchers:
    """Called from the host's loop: ``block`` after every block, ``note`` when something else is worth a line."""

    block: Callable[[BlockReport], None]
    note: Callable[[str], None]


class SessionHost:
    """One session over one source.

    ``clock`` gives unix seconds and is asked for a head's age and for the runtime limit; a recording brings its own.
    ``ends_at`` is when this run of the session ends by itself; None: when somebody stops it. ``health`` is asked before
    a node is waited for, and raises ``DevnetCrashed`` where there will never be one again.
    """

    def __init__(
        self,
        *,
        session: BotSession,
        source: MarketSource,
        scope: TradingScope,
        engine: AIEngine,
        watchers: Watchers,
        probe: int,
        ends_at: datetime | None = None,
        reader: ChainReader | None = None,
        health: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.session = session
        self._source = source
        self._scope = scope
        self._engine = engine
        self._watchers = watchers
        self._probe = probe
        self._clock = clock
        self._ends_at = ends_at
        self._reader = reader
        self._health = health
        self._gas_book = GasBook(source.witness)
        self._tip = 0
        self._pause = FIRST_RETRY
        self._stop = asyncio.Event()
        self._reason = ""
        self._lease = 0
        self.desk: MarketDesk | None = None
        self.trader: SimpleTrader | None = None

    def stop(self, reason: str) -> None:
        """Ask for a graceful end: no new decisions, orders settle or are cancelled, the books are closed."""
        if not self._stop.is_set():
            self._reason = reason
            self._stop.set()

    async def claim(self) -> None:
        """Take the session; ``SessionHeld`` while another process runs it, which then goes on undisturbed."""
        self._lease = await sync_to_async(leases.claim)(session_id=self.session.pk, owner=leases.this_owner())
        await sync_to_async(sessions.set_end)(
            session_id=self.session.pk, lease_token=self._lease, ends_at=self._ends_at
        )
        self.session = await sync_to_async(sessions.load)(self.session.pk)

    async def run(self) -> None:
        """Run the claimed session to its end. Raises ``LeaseLost`` and ``HaltSession``."""
        heart = asyncio.create_task(self._beat())
        try:
            await self._run_until_ended(heart)
        except DevnetCrashed:
            raise  # nothing is wrong with the books: the session stays open and goes on with the chain
        except HaltSession as error:
            await self._end(str(error), halted=True)
            raise
        finally:
            heart.cancel()
            with suppress(asyncio.CancelledError, leases.LeaseLost):
                await heart

    async def _run_until_ended(self, heart: asyncio.Task[None]) -> None:
        while not self._stop.is_set():
            try:
                await self._follow(heart)
                break
            except (Retryable, RpcError) as error:
                # A node that refuses one request may serve the next, and another URL may be asked then.
                self._health()
                self._watchers.note(f"no new trades until the node is back in order: {error}")
                await self._wait_to_retry(heart)
        await self._end(self._reason or "the recording ended")

    async def _wait_to_retry(self, heart: asyncio.Task[None]) -> None:
        """Longer each time, but never past the runtime or a word to stop; ``LeaseLost`` as the heart says."""
        left = self._seconds_left()
        stopping = asyncio.create_task(self._stop.wait())
        pause = self._pause if left is None else min(self._pause, left)
        await asyncio.wait({stopping, heart}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if heart.done():
            heart.result()
        if left is not None and self._seconds_left() == 0.0:
            self.stop("the runtime is over")
        self._pause = min(2 * self._pause, LAST_RETRY)

    async def _follow(self, heart: asyncio.Task[None]) -> None:
        """From a fresh start of the source to the end of the session; ``Retryable`` when it has to start anew."""
        live_from, start = await self._start_source()
        await sync_to_async(register_market)(start=start, network=self._scope.network)
        trader = await self._trader(start)
        reconciled = False
        async for update in self._updates(heart):
            self._apply(update)
            history = update.block.number < live_from
            reconciled = reconciled and not update.removed
            if self._is_past(update.block) or (history and not trader.book.pending):
                continue
            reconciled = reconciled or await trader.reconcile(update.block)
            await self._refresh_tip(update.block)
            report = await trader.on_block(update, may_decide=not history and self._decides(update))
            self._watchers.block(report)
            self._pause = FIRST_RETRY
            if self._stop.is_set() and self._settled(trader, update.block):
                return

    async def _start_source(self) -> tuple[int, MarketStart]:
        """Where the source starts, and from which block on its blocks are news rather than history."""
        head = await self._source.head()
        if head is None:
            return 0, await self._source.start()
        cursor = self.session.cursor_block
        if cursor is not None and head.number < cursor:
            self._watchers.note(f"the node is at block {head.number}: waiting for {cursor}, where the session was")
        newest = head.number if cursor is None else min(head.number, cursor)
        for warm_blocks in WARM_BLOCKS:
            try:
                return head.number, await self._source.start(max(0, newest - warm_blocks))
            except HistoryUnavailable:
                continue
        self._watchers.note("the node keeps no history: signals warm up from the head")
        return head.number, await self._source.start()

    async def _trader(self, start: MarketStart) -> SimpleTrader:
        self.session = await sync_to_async(sessions.load)(self.session.pk)
        self.desk = MarketDesk(
            start=start,
            quote=self._scope.quote,
            watched=self._scope.listed,
            wrapped_native=self._scope.network.wrapped_native,
            probe=self._probe,
            every_block=self._scope.live,
        )
        tools = Tools(
            scope=self._scope,
            desk=self.desk,
            gas_book=self._gas_book,
            executor=PaperExecutor(self._source.witness),
            engine=self._engine,
            receipts=ReceiptCheck(self._reader),
            tip=lambda: self._tip,
            clock=self._clock if self._scope.live else self._head_time,
        )
        self.trader = SimpleTrader(
            session=self.session,
            lease_token=self._lease,
            tools=tools,
            flush_blocks=LIVE_FLUSH if self._scope.live else RECORDED_FLUSH,
        )
        await self.trader.open()
        return self.trader

    def _apply(self, update: BlockUpdate) -> None:
        if self.desk is None:
            raise HaltSession("a block came before the market was loaded")
        self.desk.apply(update)

    def _is_past(self, block: BlockRef) -> bool:
        """Whether the session has this block behind it: a recording is played from its beginning, a node may lag.

        Nothing can be said about the session's newest bookings before the chain is as long again as it was.
        """
        cursor = self.session.cursor_block
        return cursor is not None and (block.number < cursor or (block.number == cursor and not self._scope.live))

    def _head_time(self) -> float:
        return 0.0 if self.desk is None else float(self.desk.head.timestamp)

    def _decides(self, update: BlockUpdate) -> bool:
        """Nothing is decided twice on one block, and nothing on a recording's quiet blocks, which only fill orders."""
        if self._stop.is_set() or update.block.hash == self.session.cursor_hash:
            return False
        return self._scope.live or bool(update.events)

    def _settled(self, trader: SimpleTrader, block: BlockRef) -> bool:
        if not trader.book.pending:
            return True
        oldest = min(pending.plan.decided_at.number for pending in trader.book.pending)
        return block.number - oldest >= SETTLE_BLOCKS

    async def _updates(self, heart: asyncio.Task[None]) -> AsyncIterator[BlockUpdate]:
        """The source's blocks, until it ends or the session must."""
        updates = aiter(self._source.updates())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            while True:
                coming = asyncio.ensure_future(anext(updates, None))
                try:
                    update = await coming if await self._comes(coming, heart, stopping) else None
                finally:
                    coming.cancel()
                if update is None:
                    return
                yield update
        finally:
            stopping.cancel()

    async def _comes(
        self, coming: asyncio.Future[BlockUpdate | None], heart: asyncio.Task[None], stopping: asyncio.Task[bool]
    ) -> bool:
        """Whether the next block comes before the session ends; one with open orders waits some blocks longer."""
        left = self._seconds_left()
        waiting: set[asyncio.Future[Any]] = {coming, heart, stopping}
        done, _ = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if heart in done:
            heart.result()
        if left is not None and (left == 0.0 or not done):
            self.stop("the runtime is over")
        if coming in done:
            return True
        if self.trader is None or not self.trader.book.pending:
            return False
        longer = SETTLE_BLOCKS * self._scope.network.block_time
        done, _ = await asyncio.wait({coming}, timeout=longer)
        return coming in done

    def _seconds_left(self) -> float | None:
        if self.session.ends_at is None:
            return None
        return max(0.0, self.session.ends_at.timestamp() - self._clock())

    async def _refresh_tip(self, block: BlockRef) -> None:
        if self._scope.live and (self._tip == 0 or block.number % TIP_BLOCKS == 0):
            self._tip = await self._source.suggested_tip()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(leases.RENEW_SECONDS)
            await sync_to_async(leases.renew)(session_id=self.session.pk, token=self._lease)

    async def _end(self, reason: str, *, halted: bool = False) -> None:
        await sync_to_async(sessions.end)(session=self.session, lease_token=self._lease, reason=reason, halted=halted)
