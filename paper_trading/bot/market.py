"""A chain as every session of this process sees it: followed once, quoted once, its gas measured once."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from asgiref.sync import sync_to_async

from chain.errors import HistoryUnavailable, RpcError, SlotNotFound
from chain.source import MarketSource, MarketStart
from dex.errors import DexError, HaltSession, Retryable
from dex.market.events import BlockUpdate
from dex.types import Address, BlockRef
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import ViewDesk
from paper_trading.services.simulator import PaperExecutor
from trading.models import Market as MarketRow
from trading.services import MINUTE, note_trouble, observe_market, register_market

WARM_BLOCKS = (200, 100, 50, 0)
"""Blocks of history to read before the first decision: the most of these whose state the node still has."""

TIP_BLOCKS = 10
MEASURED_PER_BLOCK = 4
"""Paths whose gas is asked of the node after a block, so that asking never delays one for long."""

PROBE_SENDER = Address("0x00000000000000000000000000000000000dE4d0")
"""Gas is measured for an account that holds what the probe needs and nothing else; nobody has its key."""

PROBE_WEI = 10**18


class Market:
    """``scope`` watches all that is listed; a session's own scope may watch less of it. ``probe`` is quote units.

    ``clock`` gives unix seconds; a recording's time is its head's. No more than ``most_replayed`` blocks of the past
    are followed again, so that one session that was left alone for a week does not hold up all others.
    """

    def __init__(
        self,
        *,
        source: MarketSource,
        scope: TradingScope,
        probe: int,
        note: Callable[[str], None],
        clock: Callable[[], float] = time.time,
        most_replayed: int | None = None,
    ) -> None:
        self.scope = replace(scope, watched=scope.listed)
        self.tip = 0
        self.live_from = 0
        self.desk: MarketDesk | None = None
        self._source = source
        self._probe = probe
        self._note = note
        self._clock = clock if scope.live else self._head_time
        self._most_replayed = most_replayed
        self._executor = PaperExecutor(source.witness)
        self._gas_book = GasBook(source.witness)
        self._unsimulated: dict[Address, str] = {}
        self._observed = False
        self._applied: BlockUpdate | None = None

    async def open(self, cursor: int | None) -> None:
        """Load the market so far back that blocks after ``cursor`` are still to come; raises what the source raises.

        Blocks before ``live_from`` are history then: orders settle on them, and nothing is decided.
        """
        self.desk, self._observed, self._applied = None, False, None
        start = await self._start(cursor)
        await sync_to_async(register_market)(start=start, network=self.scope.network)
        await self._refresh_tip()
        self.desk = MarketDesk(
            start=start,
            quote=self.scope.quote,
            watched=self.scope.listed,
            wrapped_native=self.scope.network.wrapped_native,
            probe=self._probe,
            every_block=self.scope.live,
        )

    def drop(self) -> None:
        """What is known of the market is not trusted any more: it has to be opened again."""
        self.desk = None

    async def updates(self) -> AsyncIterator[BlockUpdate]:
        """Every block, to be applied. After an error of the node, call it again: it goes on where it stopped."""
        async for update in self._source.updates():
            yield update
            if update.block.number % TIP_BLOCKS == 0:
                try:
                    await self._refresh_tip()
                except (Retryable, RpcError) as error:
                    self._note(f"the tip stays at {self.tip} wei: {error}")

    def apply(self, update: BlockUpdate) -> None:
        """Move the desk on to ``update``; the same one again changes nothing. Where it does not fit, the market closes.

        Raises what ``MarketDesk.apply`` raises.
        """
        if update is self._applied:
            return
        try:
            self.opened.apply(update)
        except DexError:
            self.drop()
            raise
        self._applied = update

    async def _refresh_tip(self) -> None:
        if self.scope.live:
            self.tip = await self._source.suggested_tip()

    @property
    def opened(self) -> MarketDesk:
        if self.desk is None:
            raise HaltSession("a block came before the market was loaded")
        return self.desk

    def tools(self, *, scope: TradingScope, engine: AIEngine, receipts: ReceiptCheck) -> Tools:
        """For one session, once the market is open."""
        return Tools(
            scope=scope,
            desk=self.opened,
            gas_book=self._gas_book,
            executor=self._executor,
            engine=engine,
            receipts=receipts,
            tip=lambda: self.tip,
            clock=self._clock,
            unsimulated=self._unsimulated,
        )

    async def measure_gas(self) -> None:
        """Ask the node for the gas of some wanted paths; what fails is asked again after the next block."""
        if not self.scope.live or not self._gas_book.wanted:
            return
        views = ViewDesk(scope=self.scope, desk=self.opened, gas_book=self._gas_book)
        for path in tuple(self._gas_book.wanted)[:MEASURED_PER_BLOCK]:
            plan, balances = views.probe(path, sender=PROBE_SENDER, tip=self.tip)
            if plan is None:
                continue
            try:
                await self._gas_book.measure(plan, block=self.opened.head, balances=balances, native_balance=PROBE_WEI)
            except SlotNotFound as error:
                self._unsimulated.update(dict.fromkeys(path.tokens[:1] + path.tokens[-1:], str(error)))
                self._gas_book.wanted.pop(path)
            except (Retryable, RpcError):
                return

    async def in_trouble(self, problem: str) -> None:
        """Tell everybody why nothing is traded until the next head."""
        if self.scope.live:
            await sync_to_async(note_trouble)(chain_key=self.scope.chain_key, problem=problem)

    async def observe(self, update: BlockUpdate) -> MarketRow | None:
        """Tell the database what the chain looks like, for everybody who does not follow it; None of a recording."""
        if not self.scope.live:
            return None
        desk = self.opened
        tracks = {token.address: desk.track(token.address).series() for token in desk.watched}
        since = min(block.timestamp for block in (update.block, *update.removed))
        if not self._observed:
            # The minutes that were missed while nobody looked; the first one is not there whole.
            since = min((track.times[0] + MINUTE for track in tracks.values() if track.times), default=since)
        row = await sync_to_async(observe_market)(
            network=self.scope.network,
            chain_key=self.scope.chain_key,
            head=update.block,
            since=min(since, update.block.timestamp),
            tip=self.tip,
            prices={token.address: price for token in desk.watched if (price := desk.price(token)) is not None},
            tracks=tracks,
            flows={token.address: desk.flows(token.address) for token in desk.watched},
        )
        self._observed = True
        return row

    async def close(self) -> None:
        await self._source.close()

    async def _start(self, cursor: int | None) -> MarketStart:
        head = await self._source.head()
        if head is None:
            self.live_from = 0
            return await self._source.start()
        if cursor is not None and head.number < cursor:
            self._note(f"the node is at block {head.number}: waiting for {cursor}, where the session was")
        self.live_from = head.number
        newest = head.number if cursor is None else min(head.number, cursor)
        if self._most_replayed is not None:
            newest = max(newest, head.number - self._most_replayed)
        for warm_blocks in WARM_BLOCKS:
            try:
                return await self._source.start(max(0, newest - warm_blocks))
            except HistoryUnavailable:
                continue
        self._note("the node keeps no history: signals warm up from the head")
        return await self._source.start()

    def _head_time(self) -> float:
        return 0.0 if self.desk is None else float(self.desk.head.timestamp)

    def is_live(self, block: BlockRef) -> bool:
        """Whether ``block`` was the head when the market was opened, or came later: only there is anything decided."""
        return block.number >= self.live_from

    def head(self) -> BlockRef | None:
        return None if self.desk is None else self.desk.head
