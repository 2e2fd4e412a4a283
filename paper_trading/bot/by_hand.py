"""What the owner tells a session to trade: each command becomes wishes, each wish an order or a one-line reason.

An owner's order passes the gates that keep it executable (route, pools, simulation, money for it and for its gas), not
those that judge whether it is wise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dex.amounts import short_units
from dex.gas.table import swap_gas_bound
from dex.types import Address, Token
from paper_trading.bot.book import Book
from paper_trading.bot.ordering import Committed, Refusal, order_for
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.tools import Tools
from paper_trading.intelligence.base import Action, Decision
from paper_trading.intelligence.limits import tolerance_bps
from paper_trading.models import CommandKind, SessionCommand
from paper_trading.services.ticks import Decided, NewOrder, Obeyed

BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """``amount`` is base units of what is given: the quote token for a buy, ``token`` for a sale."""

    token: Token
    action: Action
    amount: int


def wishes(
    command: SessionCommand, book: Book, tokens: Mapping[Address, Token], scope: TradingScope
) -> tuple[Wish | str, ...]:
    """One wish or refusal for a buy or a sale, one wish for every open position of ``exit_all``."""
    if command.kind == CommandKind.EXIT_ALL:
        held = tuple(_sale(tokens[token], None, book) for token in book.positions)
        return held or ("no position is open",)
    token = tokens.get(Address(command.token))
    if token is None or token.address == scope.quote.address:
        return (f"{command.token} is no token that can be traded here",)
    if command.kind == CommandKind.SELL:
        return (_sale(token, command.amount, book),)
    if token not in scope.watched:
        return (f"{token.symbol} is not among the tokens of this session",)
    if command.amount is None or command.amount <= 0:
        return (f"how much {scope.quote.symbol} to spend is not said",)
    return (Wish(token=token, action=Action.BUY, amount=command.amount),)


def hand_order(
    wish: Wish, book: Book, bound: Committed, *, tools: Tools, sender: Address
) -> tuple[Decision, NewOrder] | str:
    """The order over the path that pays most for exactly this amount, or the reason against it."""
    desk, token = tools.desk, wish.token
    if token.address in bound.tokens:
        return f"another order for {token.symbol} is waiting"
    buying = wish.action is Action.BUY
    if buying and wish.amount > bound.cash:
        quote = tools.scope.quote
        return f"{short_units(max(0, bound.cash), quote.decimals)} {quote.symbol} are free, less than this buy takes"
    best = desk.buy(token.address, wish.amount) if buying else desk.sell(token.address, wish.amount)
    thought = Decision(
        action=wish.action,
        code=BY_HAND,
        reasons=("ordered by hand",),
        edge_bps=0.0,
        cost_bps=0.0,
        confidence=0.0,
        size=wish.amount,
        tolerance_bps=tolerance_bps(tools.engine.settings, desk.facts(token.address).noise_bps),
        readings=(),
    )
    order = order_for(
        thought,
        None if best is None else best.path,
        tools=tools,
        sender=sender,
        quarantined=book.quarantined,
        busy=bound.pools,
    )
    if isinstance(order, Refusal):
        return order.line
    return _unpaid(order, book, tools) or (thought, order)


def _sale(token: Token, amount: int | None, book: Book) -> Wish | str:
    position = book.positions.get(token.address)
    if position is None:
        return f"no position in {token.symbol} is open"
    quantity = position.view.quantity
    if amount is not None and not 0 < amount <= quantity:
        return f"the open position holds {short_units(quantity, token.decimals)} {token.symbol}"
    return Wish(token=token, action=Action.SELL, amount=quantity if amount is None else amount)


def _unpaid(order: NewOrder, book: Book, tools: Tools) -> str:
    """Why no node would take the order: the account must hold its gas at the fee cap. Nothing where it does.

    A path whose gas nobody measured yet is counted at the most that it can use.
    """
    if not tools.scope.live or tools.desk.head.base_fee_per_gas is None:
        return ""
    plan = order.plan
    fee = tools.gas_book.fee(plan.path, plan.max_fee_per_gas)
    if book.native >= (swap_gas_bound(plan.path) * plan.max_fee_per_gas if fee is None else fee):
        return ""
    return "the native balance does not cover the gas"


def obeyed(by_hand: Sequence[tuple[int, Decided | str]]) -> tuple[Obeyed, ...]:
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
