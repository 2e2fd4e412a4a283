"""What the account is worth: what selling everything now would bring, after fees and impact."""

from collections.abc import Iterable, Mapping

from dex.types import BPS_ONE, Address, Token
from paper_trading.bot.book import Book
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.report import Held

RUINOUS_BPS = 500


def hold(book: Book, desk: MarketDesk, tokens: Mapping[Address, Token]) -> tuple[Held, ...]:
    """Every open position with its exit worth at the head."""
    held = []
    for address, position in book.positions.items():
        token = tokens[address]
        exit_quote = desk.sell(address, position.view.quantity)
        price = desk.price(token)
        held.append(
            Held(
                token=token,
                view=position.view,
                worth=None if exit_quote is None else exit_quote.amount_out,
                mid_worth=None if price is None else price * position.view.quantity / 10**token.decimals,
            )
        )
    return tuple(held)


def equity(*, cash: int, gas_quote: int, held: Iterable[Held]) -> int | None:
    """Quote units: cash and exit worth, less the gas that was paid (its money lies in another token).

    None while a position cannot be sold whole: then nobody knows.
    """
    worth = cash - gas_quote
    for position in held:
        if position.worth is None:
            return None
        worth += position.worth
    return worth


def sizing_equity(book: Book, desk: MarketDesk, *, cash: int) -> int:
    """Equity for deciding how much to risk: a position that cannot be sold whole counts for nothing."""
    worth = cash - book.gas_quote
    for address, position in book.positions.items():
        exit_quote = desk.sell(address, position.view.quantity)
        if exit_quote is not None:
            worth += exit_quote.amount_out
    return worth


def opening_worth(book: Book, desk: MarketDesk) -> dict[Address, tuple[int, int]] | None:
    """Quantity and exit worth of everything watched that the wallet holds, by token.

    None while one of them has no price or could only be sold more than ``RUINOUS_BPS`` under mid price.
    """
    opening: dict[Address, tuple[int, int]] = {}
    for token in desk.watched:
        quantity = book.balances.get(token.address, 0)
        if quantity == 0:
            continue
        exit_quote, price = desk.sell(token.address, quantity), desk.price(token)
        if exit_quote is None or price is None:
            return None
        mid_worth = price * quantity * 10.0 ** (desk.quote.decimals - token.decimals)
        if exit_quote.amount_out * BPS_ONE < mid_worth * (BPS_ONE - RUINOUS_BPS):
            return None
        opening[token.address] = (quantity, exit_quote.amount_out)
    return opening
