import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dex.amm import ConstantProductPool, SwapResult
from dex.amm.errors import (
    InsufficientInputAmount,
    InsufficientLiquidity,
    InsufficientOutputAmount,
    InvalidPoolState,
    KInvariant,
    PoolError,
    SupplyUnknown,
)

RESERVES = st.integers(1_000, (1 << 111) - 1)
FEES = st.sampled_from([0, 500, 2500, 3000, 3001, 10_000])


@st.composite
def pools(draw: st.DrawFn) -> ConstantProductPool:
    return ConstantProductPool(reserve0=draw(RESERVES), reserve1=draw(RESERVES), fee_pips=draw(FEES))


def test_a_quote_is_the_library_s_formula() -> None:
    reserve0, reserve1, amount_in = 10**18 + 7, 3_000 * 10**6 + 11, 123_456_789_012_345
    pool = ConstantProductPool(reserve0=reserve0, reserve1=reserve1, fee_pips=3000)
    expected = amount_in * 997 * reserve1 // (reserve0 * 1000 + amount_in * 997)
    assert pool.quote_exact_in(amount_in, zero_for_one=True) == expected


def test_an_exact_output_costs_one_more_even_where_the_division_is_exact() -> None:
    pool = ConstantProductPool(reserve0=1_000, reserve1=2_000, fee_pips=0)
    assert pool.quote_exact_out(1_000, zero_for_one=True) == 1_000 + 1


def test_the_fee_of_a_fork_is_its_own() -> None:
    pool = ConstantProductPool(reserve0=10**24, reserve1=10**24, fee_pips=2500)
    amount_in = 10**18
    expected = amount_in * 9975 * 10**24 // (10**24 * 10_000 + amount_in * 9975)
    assert pool.quote_exact_in(amount_in, zero_for_one=False) == expected


@given(pool=pools(), amount_in=st.integers(1, 1 << 100), zero_for_one=st.booleans())
def test_a_fee_on_any_scale_gives_the_same_quote(pool: ConstantProductPool, amount_in: int, zero_for_one: bool) -> None:
    reserve_in, reserve_out = (pool.reserve0, pool.reserve1) if zero_for_one else (pool.reserve1, pool.reserve0)
    after_fee = amount_in * (10**6 - pool.fee_pips)
    expected = after_fee * reserve_out // (reserve_in * 10**6 + after_fee)
    assert pool.quote_exact_in(amount_in, zero_for_one) == expected


@given(pool=pools(), amount_in=st.integers(1, 1 << 110), zero_for_one=st.booleans())
def test_a_swap_keeps_what_it_takes_and_gives_what_it_quoted(
    pool: ConstantProductPool, amount_in: int, zero_for_one: bool
) -> None:
    quote = pool.quote_exact_in(amount_in, zero_for_one)
    assume(quote > 0)
    after, result = pool.swap(amount_in, zero_for_one)
    given_out = -quote
    assert result == SwapResult(
        amount0=amount_in if zero_for_one else given_out, amount1=given_out if zero_for_one else amount_in
    )
    assert after.reserve0 == pool.reserve0 + result.amount0
    assert after.reserve1 == pool.reserve1 + result.amount1
    assert after.reserve0 * after.reserve1 >= pool.reserve0 * pool.reserve1


@given(pool=pools(), share=st.integers(1, 999), zero_for_one=st.booleans())
def test_the_input_quoted_for_an_output_buys_at_least_that_output(
    pool: ConstantProductPool, share: int, zero_for_one: bool
) -> None:
    reserve_out = pool.reserve1 if zero_for_one else pool.reserve0
    amount_out = max(1, reserve_out * share // 1000)
    amount_in = pool.quote_exact_out(amount_out, zero_for_one)
    assert pool.quote_exact_in(amount_in, zero_for_one) >= amount_out


@given(pool=pools(), amount_in=st.integers(1, 1 << 110), zero_for_one=st.booleans())
def test_out_and_back_never_profits(pool: ConstantProductPool, amount_in: int, zero_for_one: bool) -> None:
    amount_out = pool.quote_exact_in(amount_in, zero_for_one)
    assume(amount_out > 0)
    after, _ = pool.swap(amount_in, zero_for_one)
    assert after.quote_exact_in(amount_out, not zero_for_one) <= amount_in


def test_a_donation_before_a_swap_counts_as_input() -> None:
    pool = ConstantProductPool(reserve0=10**6, reserve1=10**6, fee_pips=3000)
    due = pool.quote_exact_in(5_000)
    with pytest.raises(KInvariant):
        pool.swap_with_balances(0, due, 10**6 + 4_000, 10**6 - due)
    after, result = pool.swap_with_balances(0, due, 10**6 + 4_000 + 1_000, 10**6 - due)
    assert (after.reserve0, result.amount0) == (10**6 + 5_000, 5_000)


def test_a_token_that_taxes_its_transfer_fails_the_k_check_of_the_untaxed_output() -> None:
    pool = ConstantProductPool(reserve0=10**6, reserve1=10**6, fee_pips=3000)
    due = pool.quote_exact_in(5_000)
    with pytest.raises(KInvariant) as caught:
        pool.swap_with_balances(0, due, 10**6 + 5_000 * 98 // 100, 10**6 - due)
    assert caught.value.revert == "UniswapV2: K"


def test_an_empty_pool_quotes_nothing() -> None:
    with pytest.raises(InsufficientLiquidity):
        ConstantProductPool(reserve0=0, reserve1=0, fee_pips=3000).quote_exact_in(1)


def test_no_input_is_an_error() -> None:
    with pytest.raises(InsufficientInputAmount):
        ConstantProductPool(reserve0=10, reserve1=10, fee_pips=3000).quote_exact_in(0)


def test_dust_that_buys_nothing_is_quoted_but_not_swapped() -> None:
    pool = ConstantProductPool(reserve0=10**12, reserve1=10, fee_pips=3000)
    assert pool.quote_exact_in(1) == 0
    with pytest.raises(InsufficientOutputAmount):
        pool.swap(1)


@pytest.mark.parametrize("amount_out", [1_000, 1_001])
def test_all_of_a_reserve_cannot_be_bought(amount_out: int) -> None:
    with pytest.raises(PoolError):
        ConstantProductPool(reserve0=1_000, reserve1=1_000, fee_pips=3000).quote_exact_out(amount_out)


def test_shares_of_a_pool_whose_supply_nobody_read_cannot_be_minted() -> None:
    with pytest.raises(SupplyUnknown):
        ConstantProductPool(reserve0=1_000, reserve1=1_000, fee_pips=3000).mint(10, 10)


@pytest.mark.parametrize(("reserve", "fee"), [(-1, 3000), (1 << 112, 3000), (1, 1_000_000), (1, -1)])
def test_a_pool_that_no_contract_can_be_is_refused(reserve: int, fee: int) -> None:
    with pytest.raises(InvalidPoolState):
        ConstantProductPool(reserve0=reserve, reserve1=1, fee_pips=fee)
