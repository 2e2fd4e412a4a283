import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_trading.errors import PositionExceeded
from paper_trading.position_math import Leg, add_up

AMOUNTS = st.integers(1, 2**128)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1), AMOUNTS)
def test_a_closed_position_won_what_it_brought_less_what_it_took(buys: list[tuple[int, int, int]], got: int) -> None:
    legs = [Leg(quantity=quantity, quote=quote, gas_quote=gas) for quantity, quote, gas in buys]
    legs.append(Leg(quantity=-sum(quantity for quantity, _, _ in buys), quote=got, gas_quote=3))
    totals = add_up(inherited_quantity=0, inherited_cost=0, legs=legs)
    assert totals.is_closed
    assert totals.result == got - 3 - sum(quote + gas for _, quote, gas in buys)


def test_a_revert_adds_its_fee_and_nothing_else() -> None:
    totals = add_up(inherited_quantity=5, inherited_cost=50, legs=[Leg(quantity=0, quote=0, gas_quote=4)])
    assert (totals.quantity, totals.cost, totals.proceeds, totals.fees_quote) == (5, 50, 0, 4)


def test_more_than_is_held_cannot_be_sold() -> None:
    with pytest.raises(PositionExceeded, match="by 1"):
        add_up(inherited_quantity=5, inherited_cost=50, legs=[Leg(quantity=-6, quote=9, gas_quote=0)])
