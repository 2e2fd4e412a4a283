"""One session's loop: snapshot, settle, decide, gate, plan, book. One call a block."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from asgiref.sync import sync_to_async

from chain.errors import SlotNotFound
from dex.errors import Retryable, SkipTrade
from dex.gas.policy import FeeCaps
from dex.market.events import BlockUpdate, PoolLaunched
from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef, Token
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.book import Book, OpenPosition, Pending, orphans, read_book
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport, Booked, Thought
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.settle import settle
from paper_trading.bot.views import PathChoice, ViewDesk
from paper_trading.bot.worth import equity, hold, opening_worth
from paper_trading.intelligence.base import Action, Decision, PortfolioView
from paper_trading.intelligence.limits import min_trade_quote, plan_limits
from paper_trading.models import BotSession, TradeSide
from paper_trading.services import sessions
from paper_trading.services.fill import Witness
from paper_trading.services.simulator import PaperExecutor
from paper_trading.services.ticks import Decided, Filled, NewOrder, Tick, Written, commit
from trading.planner import plan_swap
from trading.router import Quote

MEASURED_PER_BLOCK = 4
"""Paths whose gas is asked of the node after a block, so that asking never delays one for long."""

NO_CAPS = FeeCaps(max_fee_per_gas=0, max_priority_fee_per_gas=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a trader works with; the desk and the gas book are shared by all sessions of a process."""

    scope: TradingScope
    desk: MarketDesk
    gas_book: GasBook
    executor: PaperExecutor
    engine: AIEngine
    receipts: ReceiptCheck
    tip: Callable[[], int]
    clock: Callable[[], float]


class SimpleTrader:
    """Trades one session. ``lease_token`` fences every commit; ``flush_blocks`` may pass without one.

    Only blocks that change money need a commit of their own; the cursor and repeated thoughts may lag behind where a
    restart can compute them again (a recording), so ``flush_blocks`` is 1 on a live chain.
    """

    def __init__(self, *, session: BotSession, lease_token: int, tools: Tools, flush_blocks: int) -> None:
        self.session = session
        self._lease = lease_token
        self._tools = tools
        self._flush_blocks = flush_blocks
        self._sender = Address(session.account.address)
        self._tokens = {token.address: token for token in (tools.scope.quote, *tools.scope.watched)}
        self._book = Book(balances={}, positions={}, pending=(), last_trade_blocks={}, gas_quote=0)
        self._memory = DecisionMemory()
        self._views = ViewDesk(scope=tools.scope, desk=tools.desk, gas_book=tools.gas_book)
        self._unsimulated: dict[Address, str] = {}
        self._peaks: dict[int, int] = {}
        self._unflushed = 0

    async def open(self) -> None:
        """Read the books; the first call after a claim."""
        self._book = await sync_to_async(read_book)(self.session)

    @property
    def book(self) -> Book:
        return self._book

    async def reconcile(self, block: BlockRef) -> None:
        """After a restart: take back what was booked in blocks that the chain no longer has, so that it waits again."""
        gone = await sync_to_async(orphans)(self.session, self._tools.desk.market)
        if gone:
            await self._commit(Tick(block=block, removed=gone))

    async def on_block(self, update: BlockUpdate, *, may_decide: bool) -> BlockReport:
        """Settle what waits and, where ``may_decide``, think about every watched token.

        The desk has applied ``update`` already. Raises ``LeaseLost`` and ``HaltSession``.
        """
        arrived = time.perf_counter()
        if update.removed:
            await self._commit(Tick(block=update.block, removed=update.removed))
        fills, problem = await self._settle(update)
        settled_ms = _ms_since(arrived)
        decided: tuple[Decided, ...] = ()
        if may_decide and not update.removed:
            if self.session.start_equity is None:
                problem = problem or await self._begin(update.block)
            decided = self._decide(update, trusted=problem == "")
        decided_ms = _ms_since(arrived) - settled_ms
        await self._write(update, decided)
        booked_ms = _ms_since(arrived)
        booked = tuple([await self._checked(pending, filled) for pending, filled in fills])
        await self._measure_gas()
        return self._report(
            update, booked, decided, notes=(problem,) if problem else (), decided_ms=decided_ms, booked_ms=booked_ms
        )

    async def _settle(self, update: BlockUpdate) -> tuple[tuple[tuple[Pending, Filled], ...], str]:
        if not self._book.pending:
            return (), ""
        tools = self._tools
        waiting = {pending.trade_id: pending for pending in self._book.pending}
        outcome = await settle(self._book, market=tools.desk.market, executor=tools.executor, worth=self._gas_worth)
        if outcome.fills or outcome.given_up:
            disputed = {
                hop.pool: f"trade {filled.trade_id}: node {filled.fill.node_amount_out}, "
                f"model {filled.fill.model_amount_out}"
                for filled in outcome.fills
                if filled.fill.witness is Witness.DISPUTED
                for hop in waiting[filled.trade_id].plan.path.hops
            }
            await self._commit(
                Tick(block=update.block, fills=outcome.fills, given_up=outcome.given_up, quarantined=disputed)
            )
        for filled in outcome.fills:
            tools.gas_book.learn_fill(waiting[filled.trade_id].plan.path, filled.fill)
        return tuple((waiting[filled.trade_id], filled) for filled in outcome.fills), outcome.put_off

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

    def _decide(self, update: BlockUpdate, *, trusted: bool) -> tuple[Decided, ...]:
        held = hold(self._book, self._tools.desk, self._tokens)
        worth = equity(cash=self._cash, gas_quote=self._book.gas_quote, held=held)
        if worth is None or self.session.start_equity is None:
            return ()
        busy = {hop.pool for pending in self._book.pending for hop in pending.plan.path.hops}
        cash = self._cash - sum(
            pending.plan.amount_in for pending in self._book.pending if pending.side == TradeSide.BUY
        )
        buying = {pending.token for pending in self._book.pending if pending.side == TradeSide.BUY}
        exposed = set(self._book.positions) | buying
        decided = []
        for token in self._tools.scope.watched:
            if any(pending.token == token.address for pending in self._book.pending):
                continue
            portfolio = self._portfolio(token, equity_now=worth, cash=cash, open_positions=len(exposed))
            thought, choice = self._think(token, portfolio, trusted=trusted)
            thought, order = self._order(token, thought, choice, busy)
            if order is not None:
                busy |= {hop.pool for hop in order.plan.path.hops}
                if order.side == TradeSide.BUY:
                    cash -= order.plan.amount_in
                    exposed.add(token.address)
            decided.append(self._memory.note(token.address, update.block, thought, order))
        return tuple(decided)

    def _think(self, token: Token, portfolio: PortfolioView, *, trusted: bool) -> tuple[Decision, PathChoice]:
        engine = self._tools.engine
        position = self._book.positions.get(token.address)
        view, choice = self._views.build(
            token,
            position=None if position is None else self._with_peak(position),
            sizes=engine.sizes(portfolio),
            tip=self._tools.tip(),
            head_age=max(0.0, self._tools.clock() - self._tools.desk.head.timestamp),
            settled=trusted,
            quarantined=self._book.quarantined,
        )
        if position is not None and view.exit_worth is not None and view.exit_worth > position.view.peak_worth:
            self._raise_peak(position, view.exit_worth)
        return engine.decide(view, portfolio), choice

    def _order(
        self, token: Token, thought: Decision, choice: PathChoice, busy: set[Address]
    ) -> tuple[Decision, NewOrder | None]:
        """The order that carries ``thought`` out, or the same thought as a hold that says what is in the way."""
        if thought.action is Action.HOLD:
            return thought, None
        path = choice.buy if thought.action is Action.BUY else choice.sell
        if path is None:
            return _held_back(thought, "no_route", "no path takes the whole amount"), None
        if unknown := next((self._unsimulated[t] for t in path.tokens if t in self._unsimulated), None):
            return _held_back(thought, "not_simulated", unknown), None
        if busy & {hop.pool for hop in path.hops}:
            return _held_back(thought, "pool_busy", "another order of this account waits for the same pool"), None
        desk = self._tools.desk
        buying = thought.action is Action.BUY
        quote = desk.quote_path(path, thought.size)
        if quote is None:
            return _held_back(thought, "no_route", "the path cannot take the whole amount"), None
        try:
            plan = self._plan(quote, thought)
        except SkipTrade as error:
            return _held_back(thought, "not_planned", str(error)), None
        side = TradeSide.BUY if buying else TradeSide.SELL
        return thought, NewOrder(plan=plan, side=side, exit_reason="" if buying else thought.code)

    def _plan(self, quote: Quote, thought: Decision) -> SwapPlan:
        head, settings = self._tools.desk.head, self._tools.engine.settings
        limits = plan_limits(settings, head, thought, self._tools.tip())
        return plan_swap(
            network=self._tools.scope.network,
            path=quote.path,
            sender=self._sender,
            amount_in=quote.amount_in,
            quoted_out=quote.amount_out,
            tolerance_bps=thought.tolerance_bps,
            patience_blocks=settings.fee_patience_blocks,
            caps=NO_CAPS if limits.caps is None else limits.caps,
            head=head,
        )

    def _portfolio(self, token: Token, *, equity_now: int, cash: int, open_positions: int) -> PortfolioView:
        scope, settings = self._tools.scope, self._tools.engine.settings
        assert_start = self.session.start_equity
        return PortfolioView(
            equity=equity_now,
            cash=cash,
            open_positions=open_positions,
            last_trade_block=self._book.last_trade_blocks.get(token.address),
            native_balance=self._book.native if scope.live else None,
            min_trade_quote=min_trade_quote(
                settings,
                dollar=10**scope.quote.decimals if scope.dollar_quote else None,
                start_equity=0 if assert_start is None else assert_start,
            ),
        )

    async def _write(self, update: BlockUpdate, decided: tuple[Decided, ...]) -> None:
        self._unflushed += 1
        fresh = tuple(item for item in decided if item.row_id is None)
        if not fresh and self._unflushed < self._flush_blocks:
            return
        tick = Tick(block=update.block, decided=(*self._memory.due(update.block), *fresh), peaks=dict(self._peaks))
        await self._commit(tick)
        self._peaks.clear()
        self._unflushed = 0

    async def _commit(self, tick: Tick) -> None:
        written: Written = await sync_to_async(commit)(session_id=self.session.pk, lease_token=self._lease, tick=tick)
        self._memory.stored(tick, written)
        if tick.moves_money:
            self._book = await sync_to_async(read_book)(self.session)

    async def _measure_gas(self) -> None:
        if not self._tools.scope.live:
            return
        for path in tuple(self._tools.gas_book.wanted)[:MEASURED_PER_BLOCK]:
            plan, balances = self._views.probe(path, sender=self._sender, tip=self._tools.tip())
            if plan is None:
                continue
            try:
                await self._tools.gas_book.measure(
                    plan, block=self._tools.desk.head, balances=balances, native_balance=self._book.native
                )
            except SlotNotFound as error:
                self._unsimulated |= dict.fromkeys(path.tokens[:1] + path.tokens[-1:], str(error))
                self._tools.gas_book.wanted.pop(path)
            except Retryable:
                return

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
        prices = {token: price for token in desk.watched if (price := desk.price(token)) is not None}
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

    def _with_peak(self, position: OpenPosition) -> OpenPosition:
        peak = self._peaks.get(position.position_id)
        if peak is None or peak <= position.view.peak_worth:
            return position
        return replace(position, view=replace(position.view, peak_worth=peak))

    def _raise_peak(self, position: OpenPosition, worth: int) -> None:
        if worth > self._peaks.get(position.position_id, 0):
            self._peaks[position.position_id] = worth

    @property
    def _cash(self) -> int:
        return self._book.balances.get(self._tools.scope.quote.address, 0)


def _held_back(thought: Decision, code: str, line: str) -> Decision:
    return replace(thought, action=Action.HOLD, code=code, reasons=(line, *thought.reasons), size=0)


def _ms_since(start: float) -> float:
    return 1000.0 * (time.perf_counter() - start)
