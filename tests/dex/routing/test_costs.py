import pytest

from dex.amm import ConstantProductPool
from dex.market.errors import NoPrice
from dex.market.pools import Protocol
from dex.routing.costs import fill_costs
from dex.routing.model import walk
from tests.support.paths import address, path_over

A, B, C = address(1), address(2), address(3)
FIRST, SECOND = address(900), address(901)
ONE = 10**18
DEEP = ConstantProductPool(reserve0=10**27, reserve1=4 * 10**27, fee_pips=3000)


def test_a_small_fill_costs_the_fee_and_next_to_nothing_else() -> None:
    path = path_over(Protocol.V2, A, B)
    amount_out = walk(path, {FIRST: DEEP}, ONE)[1]
    found = fill_costs(path, {FIRST: DEEP}, amount_in=ONE, amount_out=amount_out, count_in=True)
    assert found.pool_fee == pytest.approx(3 * 10**15)
    assert abs(found.impact) < 10**10


def test_two_fees_compound() -> None:
    path, states = path_over(Protocol.V2, A, B, C), {FIRST: DEEP, SECOND: DEEP}
    amount_out = walk(path, states, ONE)[1]
    found = fill_costs(path, states, amount_in=ONE, amount_out=amount_out, count_in=True)
    assert found.pool_fee == pytest.approx((1 - 0.997**2) * ONE)


def test_a_large_fill_loses_its_share_of_the_pool_to_impact() -> None:
    """One part in a hundred of a reserve moves the fill's price by about one percent."""
    path, pool = path_over(Protocol.V2, A, B), ConstantProductPool(reserve0=100 * ONE, reserve1=100 * ONE, fee_pips=0)
    found = fill_costs(path, {FIRST: pool}, amount_in=ONE, amount_out=ONE * 100 // 101, count_in=True)
    assert found.pool_fee == 0
    assert found.impact == pytest.approx(ONE / 101)


def test_costs_are_counted_in_the_token_that_was_asked_for() -> None:
    path = path_over(Protocol.V2, A, B)
    amount_out = walk(path, {FIRST: DEEP}, ONE)[1]
    paid = fill_costs(path, {FIRST: DEEP}, amount_in=ONE, amount_out=amount_out, count_in=True)
    received = fill_costs(path, {FIRST: DEEP}, amount_in=ONE, amount_out=amount_out, count_in=False)
    assert received.pool_fee == pytest.approx(4 * paid.pool_fee)


def test_fee_and_impact_together_are_the_distance_from_the_mid_price() -> None:
    path, pool = path_over(Protocol.V2, B, A), ConstantProductPool(reserve0=50 * ONE, reserve1=200 * ONE, fee_pips=3000)
    amount_out = walk(path, {FIRST: pool}, 20 * ONE)[1]
    found = fill_costs(path, {FIRST: pool}, amount_in=20 * ONE, amount_out=amount_out, count_in=False)
    assert found.pool_fee + found.impact == pytest.approx(5 * ONE - amount_out)


def test_a_fill_above_the_mid_price_has_negative_impact() -> None:
    path = path_over(Protocol.V2, A, B)
    found = fill_costs(path, {FIRST: DEEP}, amount_in=ONE, amount_out=5 * ONE, count_in=True)
    assert found.impact < 0


def test_an_empty_pool_has_no_price_to_measure_against() -> None:
    empty = ConstantProductPool(reserve0=0, reserve1=0, fee_pips=3000)
    with pytest.raises(NoPrice):
        fill_costs(path_over(Protocol.V2, A, B), {FIRST: empty}, amount_in=1, amount_out=1, count_in=True)
