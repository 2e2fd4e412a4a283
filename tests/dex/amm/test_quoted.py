"""A quoted pool answers every amount as the pool itself does, in any order of asking."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.amm.errors import PoolError
from dex.amm.full_math import MAX_INT256, MAX_UINT112
from dex.amm.quoted import QuotedPool
from dex.amm.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO, get_sqrt_ratio_at_tick
from tests.dex.amm.test_concentrated import pools

AMOUNTS = st.lists(st.integers(-1, 10**12) | st.integers(1, 10**30) | st.just(MAX_INT256 + 1), min_size=1, max_size=6)
RESERVES = st.integers(0, 10**6) | st.integers(0, MAX_UINT112)


@st.composite
def holes(draw: st.DrawFn) -> ConcentratedPool:
    """A pool with liquidity in a few ranges and none between them, often none at its price."""
    tick = draw(st.integers(-3_000, 3_000))
    spacing = draw(st.sampled_from([20, 60]))
    pool = ConcentratedPool.uninitialized(fee_pips=draw(st.sampled_from([0, 100, 10_000])), tick_spacing=spacing)
    pool = pool.initialize(get_sqrt_ratio_at_tick(tick) + draw(st.integers(0, 1)))
    for _ in range(draw(st.integers(1, 4))):
        lower = (tick // spacing + draw(st.integers(-40, 40))) * spacing
        pool, _, _ = pool.mint(lower, lower + draw(st.integers(1, 20)) * spacing, draw(st.integers(1, 10**21)))
    return pool


def told(quote: Callable[[int, bool], int], amount: int, zero_for_one: bool) -> object:
    """What ``quote`` says, or how it refuses."""
    try:
        return quote(amount, zero_for_one)
    except PoolError as error:
        return type(error), str(error)


def agrees(pool: ConcentratedPool | ConstantProductPool, amounts: list[int], zero_for_one: bool) -> None:
    quoted = QuotedPool(pool)
    for amount in amounts:
        assert told(quoted.quote_exact_in, amount, zero_for_one) == told(pool.quote_exact_in, amount, zero_for_one)


@given(pool=pools(), amounts=AMOUNTS, zero_for_one=st.booleans())
def test_a_deep_pool_is_quoted_to_the_unit(pool: ConcentratedPool, amounts: list[int], zero_for_one: bool) -> None:
    agrees(pool, amounts, zero_for_one)


@settings(deadline=None)  # a pool that runs dry is walked to the end of its prices
@given(pool=holes(), amounts=AMOUNTS, zero_for_one=st.booleans())
def test_a_pool_with_holes_is_quoted_and_refused_alike(
    pool: ConcentratedPool, amounts: list[int], zero_for_one: bool
) -> None:
    agrees(pool, amounts, zero_for_one)


@given(reserves=st.tuples(RESERVES, RESERVES), fee=st.sampled_from([0, 2_500, 3_000, 123]), amounts=AMOUNTS)
@pytest.mark.parametrize("zero_for_one", [True, False])
def test_a_pair_is_quoted_to_the_unit(
    zero_for_one: bool, reserves: tuple[int, int], fee: int, amounts: list[int]
) -> None:
    pair = ConstantProductPool(reserve0=reserves[0], reserve1=reserves[1], fee_pips=fee)
    agrees(pair, [*amounts, 2**150, 2**250], zero_for_one)


@pytest.mark.parametrize("price", [MIN_SQRT_RATIO, MIN_SQRT_RATIO + 1, MAX_SQRT_RATIO - 1, 0])
@pytest.mark.parametrize("zero_for_one", [True, False])
def test_at_the_ends_of_the_prices_it_refuses_alike(price: int, zero_for_one: bool) -> None:
    tick = {0: 0, MAX_SQRT_RATIO - 1: 887_271}.get(price, -887_272)
    pool = ConcentratedPool(sqrt_price_x96=price, tick=tick, liquidity=0, fee_pips=500, tick_spacing=10, ticks={})
    agrees(pool, [1, 10**18], zero_for_one)


@settings(deadline=None)
@given(pool=pools() | holes(), amounts=AMOUNTS, zero_for_one=st.booleans())
def test_no_amount_beats_the_best_rate(pool: ConcentratedPool, amounts: list[int], zero_for_one: bool) -> None:
    rate = QuotedPool(pool).best_rate(zero_for_one)
    for amount in amounts:
        got = told(pool.quote_exact_in, amount, zero_for_one)
        assert not isinstance(got, int) or got <= amount * rate * (1 + 1e-12)


@given(reserves=st.tuples(RESERVES, RESERVES), amount=st.integers(1, 10**30), zero_for_one=st.booleans())
def test_no_amount_beats_the_best_rate_of_a_pair(reserves: tuple[int, int], amount: int, zero_for_one: bool) -> None:
    assume(min(reserves) > 0)
    pair = ConstantProductPool(reserve0=reserves[0], reserve1=reserves[1], fee_pips=3_000)
    rate = QuotedPool(pair).best_rate(zero_for_one)
    assert pair.quote_exact_in(amount, zero_for_one) <= amount * rate * (1 + 1e-12)


def test_a_pool_without_a_price_has_no_rate() -> None:
    empty = ConcentratedPool.uninitialized(fee_pips=500, tick_spacing=10)
    dry = ConstantProductPool(reserve0=0, reserve1=5, fee_pips=3_000)
    assert [QuotedPool(pool).best_rate(way) for pool in (empty, dry) for way in (True, False)] == [0.0] * 4


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_next_to_nothing_in_the_pool_is_quoted_to_the_unit_too(zero_for_one: bool) -> None:
    """Here an amount can round on to the end of a step without paying for all of it."""
    for liquidity in (1, 7, 40, 300):
        pool = ConcentratedPool.uninitialized(fee_pips=3_000, tick_spacing=60).initialize(get_sqrt_ratio_at_tick(31))
        for lower in range(-1_200, 1_200, 60):
            pool, _, _ = pool.mint(lower, lower + 60, liquidity + lower % 7)
        agrees(pool, list(range(1, 60)), zero_for_one)
