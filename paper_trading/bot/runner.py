"""One session on its host: from its claim to its end, block by block."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dex.errors import HaltSession
from dex.market.events import BlockUpdate
from dex.types import BlockRef
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.book import Book
from paper_trading.bot.commits import Commits
from paper_trading.bot.market import Market
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.simple_trader import SimpleTrader
from paper_trading.models import BotSession

RECORDED_FLUSH = 500
SETTLE_BLOCKS = 3
"""Block times that a stopping session waits for its orders before it cancels them."""

RUNTIME_OVER = "the runtime is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchers:
    """Called from the host's loop: ``block`` after every block, ``note`` when something else is worth a line."""

    block: Callable[[BlockReport], None]
    note: Callable[[str], None]


class Runner:
    """A claimed session. ``count_blocks`` as in ``SimpleTrader``; without ``watchers`` no reports are made."""

    def __init__(
        self,
        *,
        session: BotSession,
        lease_token: int,
        scope: TradingScope,
        engine: AIEngine,
        receipts: ReceiptCheck,
        commits: Commits,
        watchers: Watchers | None = None,
        count_blocks: int = 1,
    ) -> None:
        self.session = session
        self.lease_token = lease_token
        self.watchers = watchers
        self.trader: SimpleTrader | None = None
        self.stop_reason = ""
        self.good_blocks = 0
        self._scope = scope
        self._engine = engine
        self._receipts = receipts
        self._commits = commits
        self._count_blocks = count_blocks
        self._reconciled = False
        self._heard_at = 0.0
        self._stepped = ""

    def reload(self, session: BotSession) -> None:
        """Go on from ``session`` as the database has it; the next block opens its books."""
        self.session = session
        self.trader = None

    @property
    def waits(self) -> bool:
        """Whether blocks have to be looked at for it even while nothing may be decided."""
        return self.trader is None or bool(self.trader.book.pending)

    def needs(self, block: BlockRef, *, live: bool) -> bool:
        """Whether ``block`` is still to be stepped, for the first time or after an error; history only for orders."""
        return self._stepped != block.hash and (live or self.waits)

    def stop(self, reason: str) -> None:
        """No new decisions from now on; the first reason stays."""
        if self.stop_reason == "":
            self.stop_reason = reason
            self._heard_at = time.monotonic()

    def seconds_left(self, now: float) -> float | None:
        """Of its runtime; None where it has no limit."""
        ends_at = self.session.ends_at
        return None if ends_at is None else max(0.0, ends_at.timestamp() - now)

    def is_done(self, head: BlockRef | None) -> bool:
        """Whether a stopping session can end: nothing waits, or it has waited long enough."""
        if self.stop_reason == "":
            return False
        if self.trader is None and head is not None:
            # What waits is not known before a block was seen.
            return self.settle_seconds_left() == 0.0
        if self.trader is None or not self.trader.book.pending or head is None:
            return True
        oldest = min(pending.plan.decided_at.number for pending in self.trader.book.pending)
        return head.number - oldest >= SETTLE_BLOCKS or self.settle_seconds_left() == 0.0

    def settle_seconds_left(self) -> float:
        """Until a stopping session gives its orders up because no block comes."""
        waited = time.monotonic() - self._heard_at
        return max(0.0, SETTLE_BLOCKS * self._scope.network.block_time - waited)

    async def on_block(self, update: BlockUpdate, market: Market) -> BlockReport | None:
        """One block, which the market has applied. Raises ``LeaseLost`` and ``HaltSession``."""
        self._heard_at = time.monotonic()
        self._reconciled = self._reconciled and not update.removed
        trader = self.trader if self.trader is not None else await self._open(market)
        history = not market.is_live(update.block)
        if self._is_past(update.block) or (history and not trader.book.pending):
            self._stepped = update.block.hash
            return None
        self._reconciled = self._reconciled or await trader.reconcile(update.block)
        may_decide = not history and self._decides(update)
        report = await trader.on_block(update, may_decide=may_decide, reports=self.watchers is not None)
        self.good_blocks += 1
        self._stepped = update.block.hash
        return report

    async def flush(self, head: BlockRef | None) -> None:
        """Write what the last blocks left unwritten; raises ``LeaseLost``."""
        if self.trader is not None and head is not None:
            await self.trader.flush(head)

    @property
    def book(self) -> Book:
        if self.trader is None:
            raise HaltSession("the session's books are not open yet")
        return self.trader.book

    async def _open(self, market: Market) -> SimpleTrader:
        trader = SimpleTrader(
            session=self.session,
            lease_token=self.lease_token,
            tools=market.tools(scope=self._scope, engine=self._engine, receipts=self._receipts),
            commits=self._commits,
            flush_blocks=1 if self._scope.live else RECORDED_FLUSH,
            count_blocks=self._count_blocks,
        )
        await trader.open()
        self.trader, self._reconciled = trader, False
        return trader

    def _is_past(self, block: BlockRef) -> bool:
        """Whether the session has this block behind it: a recording is played from its beginning, a node may lag.

        Nothing can be said about the session's newest bookings before the chain is as long again as it was.
        """
        cursor = self.session.cursor_block
        return cursor is not None and (block.number < cursor or (block.number == cursor and not self._scope.live))

    def _decides(self, update: BlockUpdate) -> bool:
        """Nothing is decided twice on one block, and nothing on a recording's quiet blocks, which only fill orders."""
        if self.stop_reason != "" or update.block.hash == self.session.cursor_hash:
            return False
        return self._scope.live or bool(update.events)
