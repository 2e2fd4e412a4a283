"""What a position is after its trades. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

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

    def after(self, leg: Leg) -> "PositionTotals":
        """Totals with one more trade; PositionExceeded where a sale is larger than what is held."""
        quantity, buys = self.quantity + leg.quantity, leg.quantity > 0
        if quantity < 0:
            raise PositionExceeded(f"a sale of {-leg.quantity} exceeds the open position by {-quantity}")
        return PositionTotals(
            quantity=quantity,
            bought=self.bought + (leg.quantity if buys else 0),
            cost=self.cost + (leg.quote if buys else 0),
            proceeds=self.proceeds + (0 if buys else leg.quote),
            fees_quote=self.fees_quote + leg.gas_quote,
        )


def add_up(*, inherited_quantity: int, inherited_cost: int, legs: Iterable[Leg]) -> PositionTotals:
    """Totals after ``legs`` in booking order; PositionExceeded where a sale is larger than what is held."""
    start = PositionTotals(
        quantity=inherited_quantity, bought=inherited_quantity, cost=inherited_cost, proceeds=0, fees_quote=0
    )
    return reduce(PositionTotals.after, legs, start)
