"""One session's loop: snapshot, settle, decide, gate, plan, book. One call a block."""

import time
from collections.abc import Sequence

from asgiref.sync import sync_to_async

from dex.errors import SkipTrade
from dex.market.events import BlockUpdate, PoolLaunched
from dex.types import Address, BlockRef
from paper_trading.bot.book import Book, Pending
from paper_trading.bot.by_hand import obeyed
from paper_trading.bot.commits import Commits
from paper_trading.bot.curve import Curve
from paper_trading.bot.decider import Decider
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.report import BlockReport, Booked, Thought
from paper_trading.bot.settle import NOTHING_WAITS, Settlement, disputed_pools, settle
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import ViewDesk
from paper_trading.bot.worth import equity, hold, opening_worth
from paper_trading.models import BotSession, SessionCommand, TradeStatus
from paper_trading.services import sessions
from paper_trading.services.ticks import Decided, Filled, GivenUp, Obeyed, Tick, Valuation, Written

Fills = tuple[tuple[Pending, Filled], ...]

NO_BOOK = Book(balances={}, positions={}, pending=(), last_trade_blocks={}, gas_quote=0)


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
        self._commits = commits
        self._flush_blocks = flush_blocks
        self._count_blocks = count_blocks
        self._tokens = {token.address: token for token in (tools.scope.quote, *tools.scope.listed)}
        self._book = NO_BOOK
        self._memory = DecisionMemory()
        views = ViewDesk(scope=tools.scope, desk=tools.desk, gas_book=tools.gas_book)
        self._decider = Decider(tools=tools, views=views, memory=self._memory, sender=Address(session.account.address))
        self._unflushed = 0
        self._valued: Valuation | None = None
        self._curve = Curve(session.pk)
        self._fresh = True

    async def open(self) -> None:
        """Read the books; the first call after a claim."""
        self._fresh = True
        self._book = await self._commits.read(self.session)

    def hear(self, commands: tuple[SessionCommand, ...]) -> None:
        """The orders by hand that wait, as a look into the database found them.

        A tick may have carried some out since that look: those are not to be done twice.
        """
        self._obeyed &= {command.pk for command in commands}
        self._commands = tuple(command for command in commands if command.pk not in self._obeyed)

    @property
    def book(self) -> Book:
        return self._book

    async def reconcile(self, block: BlockRef) -> bool:
        """Take back what was booked in blocks that the chain no longer has, so that it waits again.

        False while the chain is too short to say; to be called again then.
        """
        found = await self._commits.orphans(self.session, self._tools.desk.market)
        if found.gone:
            await self._take_back(block, found.gone)
        return found.complete

    async def on_block(self, update: BlockUpdate, *, may_decide: bool, reports: bool = True) -> BlockReport | None:
        """Settle what waits and, where ``may_decide``, think about every watched token; what came of it if wanted.

        The desk has applied ``update`` already. Raises ``LeaseLost`` and ``HaltSession``.
        """
        arrived = time.perf_counter()
        if update.removed:
            await self._take_back(update.block, update.removed)
        outcome = await self._judge()
        try:
            fills, decided, problem, decided_ms = await self._move_on(update, outcome, may_decide=may_decide)
        except SkipTrade as error:
            if not outcome.fills:
                raise
            # What was decided was decided on a book that there is not.
            fills, decided, problem, decided_ms = await self._book_singly(outcome, update.block), (), str(error), 0.0
        for pending, filled in fills:
            self._tools.gas_book.learn_fill(pending.plan.path, filled.fill)
        booked_ms = _ms_since(arrived)
        if not reports:
            return None
        booked = tuple([await self._checked(pending, filled) for pending, filled in fills])
        notes = (problem,) if problem else ()
        return self._report(update, booked, decided, notes=notes, decided_ms=decided_ms, booked_ms=booked_ms)

    async def _move_on(
        self, update: BlockUpdate, outcome: Settlement, *, may_decide: bool
    ) -> tuple[Fills, tuple[Decided, ...], str, float]:
        """Decide on the book as it is after ``outcome`` and write both; ``SkipTrade`` where the books refuse that."""
        began = time.perf_counter()
        book = self._book.settled(outcome.fills, outcome.given_up, _quarantined(outcome.fills))
        decided: tuple[Decided, ...] = ()
        done: tuple[Obeyed, ...] = ()
        problem = outcome.put_off
        if may_decide and not update.removed:
            if self.session.start_equity is None and not outcome.fills:
                problem = problem or await self._begin(update.block)
                book = self._book
            decided, done = self._decide(book, update.block, trusted=problem == "")
        decided_ms = _ms_since(began)
        await self._write(update, book, outcome, decided, done)
        return outcome.fills, decided, problem, decided_ms

    async def flush(self, block: BlockRef) -> None:
        """Count the thoughts that no tick has counted yet."""
        if due := self._memory.due(block):
            await self._commit(Tick(block=block, decided=due, moves_cursor=False))

    async def _judge(self) -> Settlement:
        if not self._book.pending:
            return NOTHING_WAITS
        tools = self._tools
        return await settle(self._book, market=tools.desk.market, executor=tools.executor, worth=self._gas_worth)

    async def _take_back(self, block: BlockRef, removed: tuple[BlockRef, ...]) -> None:
        await self._commit(Tick(block=block, removed=removed, moves_cursor=False))
        self._book = await self._commits.read(self.session)

    async def _book_singly(self, outcome: Settlement, block: BlockRef) -> Fills:
        """The fills of a block one by one, up to the first that the books refuse; that order is cancelled.

        Those behind it were executed as if it had moved its tokens, so they are judged again at the next block. The
        cursor stays: nothing is decided on this one.
        """
        booked: list[tuple[Pending, Filled]] = []
        for pending, filled in outcome.fills:
            tick = Tick(block=block, fills=(filled,), quarantined=disputed_pools(pending, filled), moves_cursor=False)
            try:
                await self._commit(tick)
            except SkipTrade as error:
                refused = GivenUp(trade_id=filled.trade_id, status=TradeStatus.CANCELLED, reason=str(error))
                await self._commit(Tick(block=block, given_up=(*outcome.given_up, refused), moves_cursor=False))
                break
            booked.append((pending, filled))
        self._book = await self._commits.read(self.session)
        return tuple(booked)

    async def _checked(self, pending: Pending, filled: Filled) -> Booked:
        return Booked(
            trade_id=filled.trade_id,
            side=pending.side,
            token=self._tokens[pending.token],
            plan=pending.plan,
            fill=filled.fill,
            receipt_ok=await self._tools.receipts.check(filled.trade_id),
        )

    async def _begin(self, block: BlockRef) -> str:
        """Fix the worth that the result is measured against; what is in the way, or nothing once it is fixed.

        Deposits of watched tokens become positions at what selling them all would bring. While the pools could take
        them only at a ruinous price nothing begins: that worth would be no measure.
        """
        worth = opening_worth(self._book, self._tools.desk)
        if worth is None:
            return "waiting for a market that can take the deposits"
        await sync_to_async(sessions.begin)(
            session=self.session,
            lease_token=self._lease,
            block=block,
            equity=self._cash(self._book) + sum(value for _, value in worth.values()),
            inherited={token: amount for token, amount in worth.items() if token not in self._book.positions},
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

    async def _write(
        self,
        update: BlockUpdate,
        book: Book,
        outcome: Settlement,
        decided: tuple[Decided, ...],
        done: tuple[Obeyed, ...],
    ) -> None:
        """All of the block in one transaction; ``book`` is the account once that is committed."""
        self._unflushed += 1
        fresh = tuple(item for item in decided if item.row_id is None)
        moved = bool(outcome.fills or outcome.given_up)
        if not fresh and not done and not moved and self._unflushed < self._flush_blocks:
            return
        counts = (update.block.number + self.session.pk) % self._count_blocks == 0
        worth, peaks = self._value(book), dict(self._decider.peaks)
        written = await self._commit(
            Tick(
                block=update.block,
                fills=tuple(filled for _, filled in outcome.fills),
                given_up=outcome.given_up,
                quarantined=_quarantined(outcome.fills),
                decided=(*(self._memory.due(update.block) if counts else ()), *fresh),
                peaks=peaks,
                commands=done,
                valuation=None if worth == self._valued else worth,
                equity=self._curve_point(update.block, worth, outcome),
            )
        )
        if self._fresh and written.orders:
            # A block that was decided before has the orders of then, which may not wait any more.
            self._book = await self._commits.read(self.session)
        else:
            self._book = book.with_peaks(peaks).with_orders(_placed(fresh, written))
        ids = {item.command_id for item in done}
        self._obeyed |= ids
        self._commands = tuple(command for command in self._commands if command.pk not in ids)
        self._decider.peaks.clear()
        self._valued = worth
        self._unflushed = 0
        self._fresh = False

    async def _commit(self, tick: Tick) -> Written:
        written = await self._commits.commit(session_id=self.session.pk, lease_token=self._lease, tick=tick)
        self._memory.stored(tick, written)
        return written

    def _value(self, book: Book) -> Valuation:
        held = hold(book, self._tools.desk, self._tokens)
        return Valuation(
            equity=equity(cash=self._cash(book), gas_quote=book.gas_quote, held=held),
            worths={item.token.address: item.worth for item in held},
        )

    def _curve_point(self, block: BlockRef, worth: Valuation, outcome: Settlement) -> int | None:
        """Nothing before the worth is fixed that the result is measured against."""
        if self.session.start_equity is None:
            return None
        return self._curve.takes(block, worth.equity, has_fills=bool(outcome.fills))

    def _report(
        self,
        update: BlockUpdate,
        booked: tuple[Booked, ...],
        decided: tuple[Decided, ...],
        *,
        notes: tuple[str, ...],
        decided_ms: float,
        booked_ms: float,
    ) -> BlockReport:
        desk = self._tools.desk
        held = hold(self._book, desk, self._tokens)
        shown = (*self._tools.scope.watched, *(position.token for position in held))
        prices = {token: price for token in dict.fromkeys(shown) if (price := desk.price(token)) is not None}
        return BlockReport(
            block=update.block,
            quote=desk.quote,
            prices=prices,
            cash=self._cash(self._book),
            native=self._book.native,
            equity=equity(cash=self._cash(self._book), gas_quote=self._book.gas_quote, held=held),
            start_equity=self.session.start_equity,
            held=held,
            thoughts=tuple(
                Thought(token=self._tokens[item.token], decision=item.thought, ordered=item.order is not None)
                for item in decided
            ),
            booked=booked,
            waiting=len(self._book.pending),
            launches=tuple(event.pool for event in update.events if isinstance(event, PoolLaunched)),
            notes=notes,
            decided_ms=decided_ms,
            booked_ms=booked_ms,
        )

    def _gas_worth(self, wei: int) -> int:
        worth = self._tools.desk.native_worth(wei)
        return 0 if worth is None else worth

    def _cash(self, book: Book) -> int:
        return book.balances.get(self._tools.scope.quote.address, 0)


def _quarantined(fills: Sequence[tuple[Pending, Filled]]) -> dict[Address, str]:
    return {pool: line for pending, filled in fills for pool, line in disputed_pools(pending, filled).items()}


def _placed(fresh: Sequence[Decided], written: Written) -> list[Pending]:
    """The new orders as they wait from now on."""
    return [
        Pending(trade_id=written.orders[item.token], side=item.order.side, token=item.token, plan=item.order.plan)
        for item in fresh
        if item.order is not None
    ]


def _ms_since(start: float) -> float:
    return 1000.0 * (time.perf_counter() - start)
