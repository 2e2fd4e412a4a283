"""What a position is after its trades. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from paper_trading.errors import PositionExceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One booked trade of a position: a buy or a sale, or an attempt that reverted and cost gas only.

    ``quantity`` is base units of the token (above zero for a buy, below for a sale), ``quote`` what was paid or
    received for it, ``gas_quote`` its fee, both in base units of the quote token.
    """

    quantity: int
    quote: int
    gas_quote: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTotals:
    quantity: int
    bought: int
    cost: int
    proceeds: int
    fees_quote: int

    @property
    def is_closed(self) -> bool:
        return self.bought > 0 and self.quantity == 0

    @property
    def result(self) -> int:
        """Quote units won or lost after every cost; final once closed."""
        return self.proceeds - self.cost - self.fees_quote


def add_up(*, inherited_quantity: int, inherited_cost: int, legs: Iterable[Leg]) -> PositionTotals:
    """Totals after ``legs`` in booking order; PositionExceeded where a sale is larger than what is held."""
    quantity = bought = inherited_quantity
    cost = inherited_cost
    proceeds = fees_quote = 0
    for leg in legs:
        quantity += leg.quantity
        fees_quote += leg.gas_quote
        if quantity < 0:
            raise PositionExceeded(f"a sale of {-leg.quantity} exceeds the open position by {-quantity}")
        if leg.quantity > 0:
            bought += leg.quantity
            cost += leg.quote
        else:
            proceeds += leg.quote
    return PositionTotals(quantity=quantity, bought=bought, cost=cost, proceeds=proceeds, fees_quote=fees_quote)
