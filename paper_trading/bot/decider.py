"""What to do about each token at one block: think, gate, plan. Decides for one session, writes nothing."""

from dataclasses import replace

from dex.errors import SkipTrade
from dex.gas.policy import FeeCaps
from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef, Token
from paper_trading.bot.book import Book, OpenPosition
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import PathChoice, ViewDesk
from paper_trading.bot.worth import hold, sizing_equity
from paper_trading.intelligence.base import Action, Decision, PortfolioView
from paper_trading.intelligence.limits import min_trade_quote, plan_limits
from paper_trading.models import TradeSide
from paper_trading.services.ticks import Decided, NewOrder
from trading.planner import plan_swap
from trading.router import Quote

NO_CAPS = FeeCaps(max_fee_per_gas=0, max_priority_fee_per_gas=0)


class Decider:
    """``unsimulated`` names tokens that the node cannot execute for us, and why: they are never ordered.

    ``peaks`` holds exit worths by position that are higher than what the database has, until a tick writes them.
    """

    def __init__(self, *, tools: Tools, views: ViewDesk, memory: DecisionMemory, sender: Address) -> None:
        self._tools = tools
        self._views = views
        self._memory = memory
        self._sender = sender
        self._tokens = {token.address: token for token in (tools.scope.quote, *tools.scope.listed)}
        self.unsimulated: dict[Address, str] = {}
        self.peaks: dict[int, int] = {}

    def decide(self, book: Book, block: BlockRef, *, start_equity: int, trusted: bool) -> tuple[Decided, ...]:
        """One thought for every watched token that has no order waiting, with the order that carries it out.

        ``trusted`` is False while the node could not judge what waits: then nothing new is ordered.
        """
        desk = self._tools.desk
        worth = sizing_equity(book, hold(book, desk, self._tokens), cash=self._cash(book))
        busy = {hop.pool for pending in book.pending for hop in pending.plan.path.hops}
        cash = self._cash(book) - sum(
            pending.plan.amount_in for pending in book.pending if pending.side == TradeSide.BUY
        )
        buying = {pending.token for pending in book.pending if pending.side == TradeSide.BUY}
        exposed = set(book.positions) | buying
        decided = []
        for token in self._considered(book):
            if any(pending.token == token.address for pending in book.pending):
                continue
            portfolio = self._portfolio(
                book, token, start_equity=start_equity, equity_now=worth, cash=cash, open_positions=len(exposed)
            )
            thought, choice = self._think(book, token, portfolio, trusted=trusted)
            thought, order = self._order(thought, choice, quarantined=book.quarantined, busy=busy)
            if order is not None:
                busy |= {hop.pool for hop in order.plan.path.hops}
                if order.side == TradeSide.BUY:
                    cash -= order.plan.amount_in
                    exposed.add(token.address)
            decided.append(self._memory.note(token.address, block, thought, order))
        return tuple(decided)

    def _considered(self, book: Book) -> tuple[Token, ...]:
        """What may be bought, and what is held from a run that watched more: that is only sold."""
        scope = self._tools.scope
        held = (token for token in scope.listed if token.address in book.positions and token not in scope.watched)
        return (*scope.watched, *held)

    def _think(
        self, book: Book, token: Token, portfolio: PortfolioView, *, trusted: bool
    ) -> tuple[Decision, PathChoice]:
        engine = self._tools.engine
        position = book.positions.get(token.address)
        view, choice = self._views.build(
            token,
            position=None if position is None else self._with_peak(position),
            sizes=engine.sizes(portfolio),
            tip=self._tools.tip(),
            head_age=max(0.0, self._tools.clock() - self._tools.desk.head.timestamp),
            settled=trusted,
            quarantined=book.quarantined,
        )
        if position is not None and view.exit_worth is not None and view.exit_worth > position.view.peak_worth:
            self._raise_peak(position, view.exit_worth)
        return engine.decide(view, portfolio), choice

    def _order(
        self, thought: Decision, choice: PathChoice, *, quarantined: frozenset[Address], busy: set[Address]
    ) -> tuple[Decision, NewOrder | None]:
        """The order that carries ``thought`` out, or the same thought as a hold that says what is in the way."""
        if thought.action is Action.HOLD:
            return thought, None
        path = choice.buy if thought.action is Action.BUY else choice.sell
        if path is None:
            return _held_back(thought, "no_route", "no path takes the whole amount"), None
        if unknown := next((self.unsimulated[t] for t in path.tokens if t in self.unsimulated), None):
            return _held_back(thought, "not_simulated", unknown), None
        if quarantined & {hop.pool for hop in path.hops}:
            line = "a pool on the way disagreed with the node in this session"
            return _held_back(thought, "quarantined_pool", line), None
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

    def _portfolio(
        self, book: Book, token: Token, *, start_equity: int, equity_now: int, cash: int, open_positions: int
    ) -> PortfolioView:
        scope, settings = self._tools.scope, self._tools.engine.settings
        return PortfolioView(
            equity=equity_now,
            cash=cash,
            open_positions=open_positions,
            last_trade_block=book.last_trade_blocks.get(token.address),
            native_balance=book.native if scope.live else None,
            min_trade_quote=min_trade_quote(
                settings,
                dollar=10**scope.quote.decimals if scope.dollar_quote else None,
                start_equity=start_equity,
            ),
        )

    def _with_peak(self, position: OpenPosition) -> OpenPosition:
        peak = self.peaks.get(position.position_id)
        if peak is None or peak <= position.view.peak_worth:
            return position
        return replace(position, view=replace(position.view, peak_worth=peak))

    def _raise_peak(self, position: OpenPosition, worth: int) -> None:
        if worth > self.peaks.get(position.position_id, 0):
            self.peaks[position.position_id] = worth

    def _cash(self, book: Book) -> int:
        return book.balances.get(self._tools.scope.quote.address, 0)


def _held_back(thought: Decision, code: str, line: str) -> Decision:
    return replace(thought, action=Action.HOLD, code=code, reasons=(line, *thought.reasons), size=0)
