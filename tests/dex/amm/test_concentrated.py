import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dex.amm import ConcentratedPool, TickInfo, tick_math
from dex.amm.errors import InvalidPoolState, PartialFill, PoolLocked

SPACING = 10
WIDE = 887_270


@st.composite
def pools(draw: st.DrawFn) -> ConcentratedPool:
    """A pool with a whole-range position, so that any moderate swap can be filled, and a few more around its price."""
    tick = draw(st.integers(-100_000, 100_000))
    pool = ConcentratedPool.uninitialized(fee_pips=draw(st.sampled_from([100, 500, 3000])), tick_spacing=SPACING)
    pool = pool.initialize(tick_math.get_sqrt_ratio_at_tick(tick) + draw(st.integers(0, 1000)))
    pool, _, _ = pool.mint(-WIDE, WIDE, draw(st.integers(10**15, 10**24)))
    for _ in range(draw(st.integers(0, 6))):
        lower = (tick // SPACING + draw(st.integers(-300, 300))) * SPACING
        pool, _, _ = pool.mint(lower, lower + draw(st.integers(1, 300)) * SPACING, draw(st.integers(1, 10**26)))
    return pool


AMOUNTS = st.integers(1, 10**24)


@given(pool=pools(), amount=AMOUNTS, zero_for_one=st.booleans())
def test_a_quote_is_what_the_swap_does(pool: ConcentratedPool, amount: int, zero_for_one: bool) -> None:
    _, result = pool.swap(amount, zero_for_one)
    given_out = -(result.amount1 if zero_for_one else result.amount0)
    assert pool.quote_exact_in(amount, zero_for_one) == given_out


@given(pool=pools(), amount=st.integers(1, 10**20), zero_for_one=st.booleans())
def test_an_exact_output_is_quoted_as_it_is_swapped(pool: ConcentratedPool, amount: int, zero_for_one: bool) -> None:
    _, result = pool.swap(-amount, zero_for_one)
    received, paid_out = (result.amount0, -result.amount1) if zero_for_one else (result.amount1, -result.amount0)
    if paid_out == amount:
        assert pool.quote_exact_out(amount, zero_for_one) == received
        return
    with pytest.raises(PartialFill) as caught:
        pool.quote_exact_out(amount, zero_for_one)
    assert (caught.value.amount_in, caught.value.amount_out) == (received, paid_out)


@given(pool=pools(), amounts=st.tuples(AMOUNTS, AMOUNTS), zero_for_one=st.booleans())
def test_more_input_never_brings_less(pool: ConcentratedPool, amounts: tuple[int, int], zero_for_one: bool) -> None:
    less, more = sorted(amounts)
    assert pool.quote_exact_in(less, zero_for_one) <= pool.quote_exact_in(more, zero_for_one)


@given(pool=pools(), amount=AMOUNTS, zero_for_one=st.booleans())
def test_out_and_back_never_profits(pool: ConcentratedPool, amount: int, zero_for_one: bool) -> None:
    amount_out = pool.quote_exact_in(amount, zero_for_one)
    assume(amount_out > 0)
    after, _ = pool.swap(amount, zero_for_one)
    assert after.quote_exact_in(amount_out, not zero_for_one) <= amount


@given(pool=pools(), amount=AMOUNTS, zero_for_one=st.booleans())
def test_an_output_costs_no_more_exactly_than_the_input_that_brought_it(
    pool: ConcentratedPool, amount: int, zero_for_one: bool
) -> None:
    amount_out = pool.quote_exact_in(amount, zero_for_one)
    assume(amount_out > 0)
    assert pool.quote_exact_out(amount_out, zero_for_one) <= amount


@given(pool=pools(), amount=AMOUNTS, zero_for_one=st.booleans())
def test_a_swap_moves_the_price_its_way_and_leaves_the_old_pool_alone(
    pool: ConcentratedPool, amount: int, zero_for_one: bool
) -> None:
    price = pool.sqrt_price_x96
    after, _ = pool.swap(amount, zero_for_one)
    assert after.sqrt_price_x96 <= price if zero_for_one else after.sqrt_price_x96 >= price
    assert pool.sqrt_price_x96 == price
    assert after.ticks is pool.ticks


@given(pool=pools(), amount=AMOUNTS, zero_for_one=st.booleans())
def test_liquidity_is_always_the_sum_of_what_lies_below(
    pool: ConcentratedPool, amount: int, zero_for_one: bool
) -> None:
    after, _ = pool.swap(amount, zero_for_one)
    assert after.liquidity == sum(info.liquidity_net for tick, info in after.ticks.items() if tick <= after.tick)


@given(pool=pools(), slot=st.integers(-400, 400), width=st.integers(1, 400), liquidity=st.integers(1, 10**26))
def test_a_burn_undoes_a_mint_and_pays_back_at_most_what_it_took(
    pool: ConcentratedPool, slot: int, width: int, liquidity: int
) -> None:
    lower, upper = slot * SPACING, (slot + width) * SPACING
    minted, taken0, taken1 = pool.mint(lower, upper, liquidity)
    burnt, given0, given1 = minted.burn(lower, upper, liquidity)
    assert burnt == pool
    assert 0 <= taken0 - given0 <= 1
    assert 0 <= taken1 - given1 <= 1


@given(pool=pools())
def test_a_pool_survives_pickling_and_equals_one_built_from_plain_ticks(pool: ConcentratedPool) -> None:
    plain = ConcentratedPool(
        sqrt_price_x96=pool.sqrt_price_x96,
        tick=pool.tick,
        liquidity=pool.liquidity,
        fee_pips=pool.fee_pips,
        tick_spacing=pool.tick_spacing,
        ticks=dict(pool.ticks),
    )
    assert pickle.loads(pickle.dumps(pool)) == plain == pool  # noqa: S301 - our own bytes
    assert hash(plain) == hash(pool)


def test_a_pool_does_not_change_with_the_mapping_that_it_was_built_from() -> None:
    ticks = {-10: TickInfo(liquidity_gross=5, liquidity_net=5), 10: TickInfo(liquidity_gross=5, liquidity_net=-5)}
    pool = ConcentratedPool(
        sqrt_price_x96=1 << 96, tick=0, liquidity=5, fee_pips=500, tick_spacing=SPACING, ticks=ticks
    )
    ticks.clear()
    assert list(pool.ticks) == [-10, 10]


def test_a_pool_without_a_price_is_locked() -> None:
    pool = ConcentratedPool.uninitialized(fee_pips=500, tick_spacing=SPACING)
    with pytest.raises(PoolLocked):
        pool.swap(1, zero_for_one=True)
    with pytest.raises(PoolLocked):
        pool.mint(-10, 10, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee_pips": 1_000_000},
        {"tick_spacing": 0},
        {"sqrt_price_x96": 1},
        {"liquidity": -1},
        {"ticks": {5: TickInfo(liquidity_gross=1, liquidity_net=1)}},
        {"ticks": {900_000: TickInfo(liquidity_gross=1, liquidity_net=1)}},
    ],
    ids=str,
)
def test_a_pool_that_no_contract_can_be_is_refused(wrong: dict[str, object]) -> None:
    right = {"sqrt_price_x96": 1 << 96, "tick": 0, "liquidity": 0, "fee_pips": 500, "tick_spacing": 10, "ticks": {}}
    with pytest.raises(InvalidPoolState):
        ConcentratedPool(**(right | wrong))
