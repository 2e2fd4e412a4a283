"""From a thought to the order that carries it out, or to what is in its way. One path for the engine and its owner."""

from collections.abc import Iterable
from dataclasses import dataclass

from dex.errors import SkipTrade
from dex.gas.policy import FeeCaps
from dex.routing.plan import Path, SwapPlan
from dex.types import Address
from paper_trading.bot.book import Book
from paper_trading.bot.tools import Tools
from paper_trading.intelligence.base import Action, Decision
from paper_trading.intelligence.limits import plan_limits
from paper_trading.models import TradeSide
from paper_trading.services.ticks import Decided, NewOrder
from trading.planner import plan_swap
from trading.router import Quote

NO_CAPS = FeeCaps(max_fee_per_gas=0, max_priority_fee_per_gas=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """``code`` for machines, ``line`` for people."""

    code: str
    line: str


NO_PATH = Refusal(code="no_route", line="no path takes the whole amount")
TOO_SMALL_PATH = Refusal(code="no_route", line="the path cannot take the whole amount")
QUARANTINED = Refusal(code="quarantined_pool", line="a pool on the way disagreed with the node in this session")
BUSY = Refusal(code="pool_busy", line="another order of this account waits for the same pool")


@dataclass(slots=True)
class Committed:
    """What the account's orders have bound already, those that wait and those of this very block.

    ``cash`` is what they leave of the quote token, ``exposed`` are tokens that are held or being bought.
    """

    cash: int
    tokens: set[Address]
    pools: set[Address]
    exposed: set[Address]

    def add(self, token: Address, order: NewOrder) -> None:
        self.tokens.add(token)
        self.pools |= order.plan.path.pools
        if order.side == TradeSide.BUY:
            self.cash -= order.plan.amount_in
            self.exposed.add(token)


def committed(book: Book, quote: Address, ordered: Iterable[Decided] = ()) -> Committed:
    """By the orders that wait in ``book`` and by those among ``ordered``, which no commit has written yet."""
    found = Committed(cash=book.balances.get(quote, 0), tokens=set(), pools=set(), exposed=set(book.positions))
    for pending in book.pending:
        found.add(pending.token, NewOrder(plan=pending.plan, side=pending.side))
    for item in ordered:
        if item.order is not None:
            found.add(item.token, item.order)
    return found


def order_for(
    thought: Decision,
    path: Path | None,
    *,
    tools: Tools,
    sender: Address,
    quarantined: frozenset[Address],
    busy: set[Address],
) -> NewOrder | Refusal:
    """The order for a thought that buys or sells over ``path``, at the exact quote of the head."""
    if path is None:
        return NO_PATH
    if unknown := next((tools.unsimulated[token] for token in path.tokens if token in tools.unsimulated), None):
        return Refusal(code="not_simulated", line=unknown)
    if not quarantined.isdisjoint(path.pools):
        return QUARANTINED
    if not busy.isdisjoint(path.pools):
        return BUSY
    quote = tools.desk.quote_path(path, thought.size)
    if quote is None:
        return TOO_SMALL_PATH
    try:
        plan = _plan(quote, thought, tools, sender)
    except SkipTrade as error:
        return Refusal(code="not_planned", line=str(error))
    if thought.action is Action.BUY:
        return NewOrder(plan=plan, side=TradeSide.BUY)
    return NewOrder(plan=plan, side=TradeSide.SELL, exit_reason=thought.code)


def _plan(quote: Quote, thought: Decision, tools: Tools, sender: Address) -> SwapPlan:
    head, settings = tools.desk.head, tools.engine.settings
    limits = plan_limits(settings, head, thought, tools.tip())
    return plan_swap(
        network=tools.scope.network,
        path=quote.path,
        sender=sender,
        amount_in=quote.amount_in,
        quoted_out=quote.amount_out,
        tolerance_bps=thought.tolerance_bps,
        patience_blocks=settings.fee_patience_blocks,
        caps=NO_CAPS if limits.caps is None else limits.caps,
        head=head,
    )
