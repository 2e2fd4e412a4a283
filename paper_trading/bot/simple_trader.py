"""One session's loop: snapshot, settle, decide, gate, plan, book. One call a block."""

import time

from asgiref.sync import sync_to_async

from dex.errors import SkipTrade
from dex.market.events import BlockUpdate
from dex.types import Address, BlockRef
from paper_trading.bot.book import Book
from paper_trading.bot.bookkeeping import Bookkeeper, quarantined
from paper_trading.bot.by_hand import obeyed
from paper_trading.bot.commits import Commits
from paper_trading.bot.decider import Decider
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.report import BlockReport
from paper_trading.bot.reporting import Reporter
from paper_trading.bot.settle import NOTHING_WAITS, Fills, Settlement, settle
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import ViewDesk
from paper_trading.bot.worth import opening_worth
from paper_trading.models import BotSession, SessionCommand
from paper_trading.services import sessions
from paper_trading.services.ticks import Decided, Obeyed


class SimpleTrader:
    """Trades one session. ``lease_token`` fences every commit.

    Only blocks that change money need a commit of their own; the cursor may lag ``flush_blocks`` behind where a restart
    can compute them again (a recording), so that is 1 on a live chain. Repeated thoughts are counted in the database
    every ``count_blocks`` only.
    """

    def __init__(
        self,
        *,
        session: BotSession,
        lease_token: int,
        tools: Tools,
        commits: Commits,
        flush_blocks: int,
        count_blocks: int = 1,
    ) -> None:
        self.session = session
        self.paused = session.entries_paused
        self._commands: tuple[SessionCommand, ...] = ()
        self._obeyed: set[int] = set()
        self._lease = lease_token
        self._tools = tools
        tokens = {token.address: token for token in (tools.scope.quote, *tools.scope.listed)}
        memory = DecisionMemory()
        views = ViewDesk(scope=tools.scope, desk=tools.desk, gas_book=tools.gas_book)
        self._decider = Decider(tools=tools, views=views, memory=memory, sender=Address(session.account.address))
        self._books = Bookkeeper(
            session=session,
            lease_token=lease_token,
            tools=tools,
            tokens=tokens,
            commits=commits,
            memory=memory,
            flush_blocks=flush_blocks,
            count_blocks=count_blocks,
        )
        self._reporter = Reporter(session=session, tools=tools, tokens=tokens)

    async def open(self) -> None:
        """Read the books; the first call after a claim."""
        await self._books.open()

    def hear(self, commands: tuple[SessionCommand, ...]) -> None:
        """The orders by hand that wait, as a look into the database found them.

        A tick may have carried some out since that look: those are not to be done twice.
        """
        self._obeyed &= {command.pk for command in commands}
        self._commands = tuple(command for command in commands if command.pk not in self._obeyed)

    @property
    def book(self) -> Book:
        return self._books.book

    async def reconcile(self, block: BlockRef) -> bool:
        """Take back what was booked in blocks that the chain no longer has, so that it waits again.

        False while the chain is too short to say; to be called again then.
        """
        return await self._books.reconcile(block)

    async def on_block(self, update: BlockUpdate, *, may_decide: bool, reports: bool = True) -> BlockReport | None:
        """Settle what waits and, where ``may_decide``, think about every watched token; what came of it if wanted.

        The desk has applied ``update`` already. Raises ``LeaseLost`` and ``HaltSession``.
        """
        arrived = time.perf_counter()
        if update.removed:
            await self._books.take_back(update.block, update.removed)
        outcome = await self._judge()
        try:
            fills, decided, problem, decided_ms = await self._move_on(update, outcome, may_decide=may_decide)
        except SkipTrade as error:
            if not outcome.fills:
                raise
            # What was decided was decided on a book that there is not.
            fills = await self._books.write_singly(update.block, outcome)
            decided, problem, decided_ms = (), str(error), 0.0
        for pending, filled in fills:
            self._tools.gas_book.learn_fill(pending.plan.path, filled.fill)
        booked_ms = _ms_since(arrived)
        if not reports:
            return None
        return self._reporter.report(
            update,
            self.book,
            booked=await self._reporter.booked(fills),
            decided=decided,
            notes=(problem,) if problem else (),
            decided_ms=decided_ms,
            booked_ms=booked_ms,
        )

    async def flush(self, block: BlockRef) -> None:
        """Count the thoughts that no tick has counted yet."""
        await self._books.flush(block)

    async def _move_on(
        self, update: BlockUpdate, outcome: Settlement, *, may_decide: bool
    ) -> tuple[Fills, tuple[Decided, ...], str, float]:
        """Decide on the book as it is after ``outcome`` and write both; ``SkipTrade`` where the books refuse that."""
        began = time.perf_counter()
        book = self.book.settled(outcome.fills, outcome.given_up, quarantined(outcome.fills))
        decided: tuple[Decided, ...] = ()
        done: tuple[Obeyed, ...] = ()
        problem = outcome.put_off
        if may_decide and not update.removed:
            if self.session.start_equity is None and not outcome.fills:
                problem = problem or await self._begin(update.block)
                book = self.book
            decided, done = self._decide(book, update.block, trusted=problem == "")
        decided_ms = _ms_since(began)
        peaks = dict(self._decider.peaks)
        if await self._books.write(update.block, book, outcome, decided=decided, done=done, peaks=peaks):
            self._decider.peaks.clear()
            self._mark_done(done)
        return outcome.fills, decided, problem, decided_ms

    async def _judge(self) -> Settlement:
        if not self.book.pending:
            return NOTHING_WAITS
        tools = self._tools
        return await settle(self.book, market=tools.desk.market, executor=tools.executor, worth=self._gas_worth)

    async def _begin(self, block: BlockRef) -> str:
        """Fix the worth that the result is measured against; what is in the way, or nothing once it is fixed.

        Deposits of watched tokens become positions at what selling them all would bring. While the pools could take
        them only at a ruinous price nothing begins: that worth would be no measure.
        """
        book = self.book
        worth = opening_worth(book, self._tools.desk)
        if worth is None:
            return "waiting for a market that can take the deposits"
        await sync_to_async(sessions.begin)(
            session=self.session,
            lease_token=self._lease,
            block=block,
            equity=book.cash(self._tools.scope.quote) + sum(value for _, value in worth.values()),
            inherited={token: amount for token, amount in worth.items() if token not in book.positions},
        )
        await self.open()
        return ""

    def _decide(self, book: Book, block: BlockRef, *, trusted: bool) -> tuple[tuple[Decided, ...], tuple[Obeyed, ...]]:
        """The engine's thoughts, after the orders by hand that were left for this block."""
        start_equity = self.session.start_equity
        if start_equity is None:
            return (), ()
        by_hand = self._decider.by_hand(book, block, self._commands, trusted=trusted) if self._commands else ()
        ordered = tuple(outcome for _, outcome in by_hand if isinstance(outcome, Decided))
        thoughts = self._decider.decide(
            book, block, start_equity=start_equity, trusted=trusted, paused=self.paused, ordered=ordered
        )
        return (*ordered, *thoughts), obeyed(by_hand)

    def _mark_done(self, done: tuple[Obeyed, ...]) -> None:
        """Orders by hand that are carried out and written."""
        ids = {item.command_id for item in done}
        self._obeyed |= ids
        self._commands = tuple(command for command in self._commands if command.pk not in ids)

    def _gas_worth(self, wei: int) -> int:
        worth = self._tools.desk.native_worth(wei)
        return 0 if worth is None else worth


def _ms_since(start: float) -> float:
    return 1000.0 * (time.perf_counter() - start)
