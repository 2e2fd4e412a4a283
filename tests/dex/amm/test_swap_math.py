"""Cases of the published SwapMath and SqrtPriceMath tests, and what must hold for every step."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.amm import sqrt_price_math
from dex.amm.errors import IntegerOverflow, PriceImpossible, ZeroLiquidity
from dex.amm.swap_math import compute_swap_step
from dex.amm.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO

PRICES = st.integers(MIN_SQRT_RATIO, MAX_SQRT_RATIO - 1)
LIQUIDITIES = st.integers(1, (1 << 128) - 1)
Q96 = 1 << 96


def test_an_output_is_capped_at_what_was_asked_for() -> None:
    step = compute_swap_step(
        417332158212080721273783715441582, 1452870262520218020823638996, 159344665391607089467575320103, -1, 1
    )
    assert step == (417332158212080721273783715441581, 1, 1, 1)


def test_a_target_price_of_one_uses_part_of_the_input() -> None:
    assert compute_swap_step(2, 1, 1, 3915081100057732413702495386755767, 1) == (
        1,
        39614081257132168796771975168,
        0,
        39614120871253040049813,
    )


def test_an_input_too_small_to_move_the_price_is_all_fee() -> None:
    assert compute_swap_step(2413, 79887613182836312, 1985041575832132834610021537970, 10, 1872) == (2413, 0, 0, 10)


@pytest.mark.parametrize(
    ("price", "target", "expected"),
    [
        (
            20282409603651670423947251286016,
            22310650564016837466341976414617,
            (22310650564016837466341976414617, 26215, 0, 79),
        ),
        (
            20282409603651670423947251286016,
            18254168643286503381552526157414,
            (18254168643286503381552526157414, 1, 26214, 1),
        ),
    ],
    ids=["token1 in", "token0 in"],
)
def test_an_output_that_the_range_does_not_hold_ends_at_the_target(
    price: int, target: int, expected: tuple[int, ...]
) -> None:
    assert compute_swap_step(price, target, 1024, -263000, 3000) == expected


def test_an_input_that_drives_the_price_out_of_uint160_is_an_error() -> None:
    with pytest.raises(IntegerOverflow):
        sqrt_price_math.get_next_sqrt_price_from_input((1 << 160) - 1, 1024, 1024, False)


def test_the_greatest_input_cannot_drive_the_price_to_zero() -> None:
    assert sqrt_price_math.get_next_sqrt_price_from_input(1, 1, 1 << 255, True) == 1


def test_an_input_whose_exact_denominator_leaves_uint256_takes_the_coarser_price() -> None:
    price, liquidity, amount = MAX_SQRT_RATIO - 1, (1 << 128) - 1, 1 << 97
    numerator = liquidity << 96
    coarser = -(-numerator // (numerator // price + amount))
    assert coarser != -(-numerator * price // (numerator + amount * price))
    assert sqrt_price_math.get_next_sqrt_price_from_input(price, liquidity, amount, True) == coarser


def test_token0_is_rounded_up_in_both_of_its_divisions() -> None:
    assert sqrt_price_math.get_amount0_delta(1, 3, 1, True) == (2 * Q96 + 1) // 3
    assert sqrt_price_math.get_amount0_delta(1, 3, 1, False) == 2 * Q96 // 3


@pytest.mark.parametrize(("amount", "zero_for_one"), [(4, False), (5, False), (262144, True), (262145, True)])
def test_an_output_of_all_that_a_range_holds_is_an_error(amount: int, zero_for_one: bool) -> None:
    with pytest.raises(PriceImpossible):
        sqrt_price_math.get_next_sqrt_price_from_output(20282409603651670423947251286016, 1024, amount, zero_for_one)


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_no_price_moves_without_price_or_liquidity(zero_for_one: bool) -> None:
    with pytest.raises(PriceImpossible):
        sqrt_price_math.get_next_sqrt_price_from_input(0, 1, 1, zero_for_one)
    with pytest.raises(ZeroLiquidity):
        sqrt_price_math.get_next_sqrt_price_from_output(Q96, 0, 1, zero_for_one)


@given(price=PRICES, amount=st.integers(0), liquidity=LIQUIDITIES)
def test_no_input_leaves_the_price_alone(price: int, amount: int, liquidity: int) -> None:
    assert sqrt_price_math.get_next_sqrt_price_from_input(price, liquidity, 0, True) == price


@given(a=PRICES, b=PRICES, liquidity=LIQUIDITIES)
def test_amounts_between_prices_are_the_exact_ones_rounded_both_ways(a: int, b: int, liquidity: int) -> None:
    exact0 = Fraction(liquidity * Q96 * abs(a - b), a * b)
    exact1 = Fraction(liquidity * abs(a - b), Q96)
    assert sqrt_price_math.get_amount0_delta(a, b, liquidity, False) == exact0.__floor__()
    assert sqrt_price_math.get_amount0_delta(a, b, liquidity, True) == exact0.__ceil__()
    assert sqrt_price_math.get_amount1_delta(b, a, liquidity, False) == exact1.__floor__()
    assert sqrt_price_math.get_amount1_delta(b, a, liquidity, True) == exact1.__ceil__()


@given(
    price=PRICES,
    target=PRICES,
    liquidity=LIQUIDITIES,
    amount=st.integers(-(1 << 200), 1 << 200).filter(bool),
    fee=st.integers(0, 999_999),
)
def test_a_step_takes_no_more_than_there_is_and_stays_between_its_prices(
    price: int, target: int, liquidity: int, amount: int, fee: int
) -> None:
    end, amount_in, amount_out, fee_amount = compute_swap_step(price, target, liquidity, amount, fee)
    assert min(price, target) <= end <= max(price, target)
    if amount > 0:
        assert amount_in + fee_amount <= amount
    else:
        assert amount_out <= -amount
    if end != target:
        assert amount == (amount_in + fee_amount if amount > 0 else -amount_out)
