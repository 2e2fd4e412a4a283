"""One session's loop: snapshot, settle, decide, gate, plan, book. One call a block."""

import time
from collections.abc import Sequence

from asgiref.sync import sync_to_async

from dex.errors import SkipTrade
from dex.market.events import BlockUpdate, PoolLaunched
from dex.types import Address, BlockRef
from paper_trading.bot.book import Book, Pending, orphans
from paper_trading.bot.commits import Commits
from paper_trading.bot.decider import Decider
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.report import BlockReport, Booked, Held, Thought
from paper_trading.bot.settle import settle
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import ViewDesk
from paper_trading.bot.worth import equity, hold, opening_worth
from paper_trading.models import BotSession, SessionCommand, TradeStatus
from paper_trading.services import sessions
from paper_trading.services.fill import Witness
from paper_trading.services.ticks import Decided, Filled, GivenUp, Obeyed, Tick, Valuation

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
        self.commands: tuple[SessionCommand, ...] = ()
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
        self._fresh = True

    async def open(self) -> None:
        """Read the books; the first call after a claim."""
        self._fresh = True
        self._book = await self._commits.read(self.session)

    @property
    def book(self) -> Book:
        return self._book

    async def reconcile(self, block: BlockRef) -> bool:
        """Take back what was booked in blocks that the chain no longer has, so that it waits again.

        False while the chain is too short to say; to be called again then.
        """
        found = await sync_to_async(orphans)(self.session, self._tools.desk.market)
        if found.gone:
            await self._commit(Tick(block=block, removed=found.gone, moves_cursor=False))
        return found.complete

    async def on_block(self, update: BlockUpdate, *, may_decide: bool, reports: bool = True) -> BlockReport | None:
        """Settle what waits and, where ``may_decide``, think about every watched token; what came of it if wanted.

        The desk has applied ``update`` already. Raises ``LeaseLost`` and ``HaltSession``.
        """
        arrived = time.perf_counter()
        if update.removed:
            await self._commit(Tick(block=update.block, removed=update.removed, moves_cursor=False))
        fills, problem = await self._settle(update)
        settled_ms = _ms_since(arrived)
        decided: tuple[Decided, ...] = ()
        obeyed: tuple[Obeyed, ...] = ()
        if may_decide and not update.removed:
            if self.session.start_equity is None:
                problem = problem or await self._begin(update.block)
            decided, obeyed = self._decide(update.block, trusted=problem == "")
        decided_ms = _ms_since(arrived) - settled_ms
        held = hold(self._book, self._tools.desk, self._tokens)
        await self._write(update, decided, obeyed, held=held)
        booked_ms = _ms_since(arrived)
        if not reports:
            return None
        booked = tuple([await self._checked(pending, filled) for pending, filled in fills])
        notes = (problem,) if problem else ()
        return self._report(update, booked, decided, held, notes=notes, decided_ms=decided_ms, booked_ms=booked_ms)

    async def flush(self, block: BlockRef) -> None:
        """Count the thoughts that no tick has counted yet."""
        if due := self._memory.due(block):
            await self._commit(Tick(block=block, decided=due, moves_cursor=False))

    async def _settle(self, update: BlockUpdate) -> tuple[tuple[tuple[Pending, Filled], ...], str]:
        if not self._book.pending:
            return (), ""
        tools = self._tools
        waiting = {pending.trade_id: pending for pending in self._book.pending}
        outcome = await settle(self._book, market=tools.desk.market, executor=tools.executor, worth=self._gas_worth)
        fills = []
        for filled in outcome.fills:
            if not await self._booked(waiting[filled.trade_id], filled, update.block):
                break  # those behind it were executed as if it had moved its tokens: they are judged again
            fills.append(filled)
        if outcome.given_up:
            await self._commit(Tick(block=update.block, given_up=outcome.given_up, moves_cursor=False))
        for filled in fills:
            tools.gas_book.learn_fill(waiting[filled.trade_id].plan.path, filled.fill)
        return tuple((waiting[filled.trade_id], filled) for filled in fills), outcome.put_off

    async def _booked(self, pending: Pending, filled: Filled, block: BlockRef) -> bool:
        """Book one fill. The cursor stays: after a crash the block's decisions are still to be made.

        Where the books refuse it the order is cancelled, with the reason.
        """
        disputed = {}
        if filled.fill.witness is Witness.DISPUTED:
            line = f"trade {filled.trade_id}: node {filled.fill.node_amount_out}, model {filled.fill.model_amount_out}"
            disputed = {hop.pool: line for hop in pending.plan.path.hops}
        try:
            await self._commit(Tick(block=block, fills=(filled,), quarantined=disputed, moves_cursor=False))
        except SkipTrade as error:
            refused = GivenUp(trade_id=filled.trade_id, status=TradeStatus.CANCELLED, reason=str(error))
            await self._commit(Tick(block=block, given_up=(refused,), moves_cursor=False))
            return False
        return True

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
            equity=self._cash + sum(value for _, value in worth.values()),
            inherited={token: amount for token, amount in worth.items() if token not in self._book.positions},
        )
        await self.open()
        return ""

    def _decide(self, block: BlockRef, *, trusted: bool) -> tuple[tuple[Decided, ...], tuple[Obeyed, ...]]:
        """The engine's thoughts, after the orders by hand that were left for this block."""
        start_equity = self.session.start_equity
        if start_equity is None:
            return (), ()
        by_hand = self._decider.by_hand(self._book, block, self.commands, trusted=trusted) if self.commands else ()
        ordered = tuple(outcome for _, outcome in by_hand if isinstance(outcome, Decided))
        thoughts = self._decider.decide(
            self._book, block, start_equity=start_equity, trusted=trusted, paused=self.paused, ordered=ordered
        )
        return (*ordered, *thoughts), _obeyed(by_hand)

    async def _write(
        self, update: BlockUpdate, decided: tuple[Decided, ...], obeyed: tuple[Obeyed, ...], *, held: tuple[Held, ...]
    ) -> None:
        self._unflushed += 1
        fresh = tuple(item for item in decided if item.row_id is None)
        if not fresh and not obeyed and self._unflushed < self._flush_blocks:
            return
        counts = (update.block.number + self.session.pk) % self._count_blocks == 0
        worth = self._value(held)
        await self._commit(
            Tick(
                block=update.block,
                decided=(*(self._memory.due(update.block) if counts else ()), *fresh),
                peaks=dict(self._decider.peaks),
                commands=obeyed,
                valuation=None if worth == self._valued else worth,
            )
        )
        done = {item.command_id for item in obeyed}
        self.commands = tuple(command for command in self.commands if command.pk not in done)
        self._decider.peaks.clear()
        self._valued = worth
        self._unflushed = 0
        self._fresh = False

    async def _commit(self, tick: Tick) -> None:
        written = await self._commits.commit(session_id=self.session.pk, lease_token=self._lease, tick=tick)
        self._memory.stored(tick, written)
        if not tick.moves_money:
            return
        if self._fresh or not tick.only_orders:
            self._book = await self._commits.read(self.session)
            return
        for item in tick.decided:
            if item.order is not None and item.row_id is None:
                order = item.order
                placed = Pending(
                    trade_id=written.orders[item.token], side=order.side, token=item.token, plan=order.plan
                )
                self._book = self._book.with_order(placed)

    def _value(self, held: Sequence[Held]) -> Valuation:
        ids = {token: position.position_id for token, position in self._book.positions.items()}
        return Valuation(
            equity=equity(cash=self._cash, gas_quote=self._book.gas_quote, held=held),
            worths={ids[item.token.address]: item.worth for item in held},
        )

    def _report(
        self,
        update: BlockUpdate,
        booked: tuple[Booked, ...],
        decided: tuple[Decided, ...],
        held: tuple[Held, ...],
        *,
        notes: tuple[str, ...],
        decided_ms: float,
        booked_ms: float,
    ) -> BlockReport:
        desk = self._tools.desk
        shown = (*self._tools.scope.watched, *(position.token for position in held))
        prices = {token: price for token in dict.fromkeys(shown) if (price := desk.price(token)) is not None}
        return BlockReport(
            block=update.block,
            quote=desk.quote,
            prices=prices,
            cash=self._cash,
            native=self._book.native,
            equity=equity(cash=self._cash, gas_quote=self._book.gas_quote, held=held),
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

    @property
    def _cash(self) -> int:
        return self._book.balances.get(self._tools.scope.quote.address, 0)


def _obeyed(by_hand: Sequence[tuple[int, Decided | str]]) -> tuple[Obeyed, ...]:
    """One outcome for each command: an exit of all may have sold some positions and been refused others."""
    tokens: dict[int, list[Address]] = {}
    reasons: dict[int, list[str]] = {}
    for command_id, outcome in by_hand:
        if isinstance(outcome, Decided):
            tokens.setdefault(command_id, []).append(outcome.token)
        else:
            reasons.setdefault(command_id, []).append(outcome)
    return tuple(
        Obeyed(
            command_id=command_id,
            tokens=tuple(tokens.get(command_id, ())),
            reason="; ".join(reasons.get(command_id, ())),
        )
        for command_id in dict.fromkeys(command_id for command_id, _ in by_hand)
    )


def _ms_since(start: float) -> float:
    return 1000.0 * (time.perf_counter() - start)
