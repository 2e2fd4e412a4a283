import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.amm.errors import SqrtPriceRangeError, TickRangeError
from dex.amm.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)

# Taken after the published UniswapV3Pool bytecode had given, for each of these prices and for the price below it, the
# tick and the tick below it (3,549,090 calls of ``initialize``).
ALL_PRICES_SHA256 = "f7906809285d73c1d012b8893c26ccce929372c16bd9b885109ee3f0ff1656db"


def test_the_prices_of_all_ticks_have_the_digest_of_the_contract_s() -> None:
    digest = hashlib.sha256()
    for tick in range(MIN_TICK, MAX_TICK + 1):
        digest.update(get_sqrt_ratio_at_tick.__wrapped__(tick).to_bytes(20, "big"))
    assert digest.hexdigest() == ALL_PRICES_SHA256


def test_the_last_ticks_have_the_published_prices() -> None:
    assert get_sqrt_ratio_at_tick(MIN_TICK) == MIN_SQRT_RATIO
    assert get_sqrt_ratio_at_tick(MAX_TICK) == MAX_SQRT_RATIO


@pytest.mark.parametrize("tick", [MIN_TICK - 1, MAX_TICK + 1])
def test_a_tick_out_of_range_has_no_price(tick: int) -> None:
    with pytest.raises(TickRangeError):
        get_sqrt_ratio_at_tick(tick)


@pytest.mark.parametrize("price", [0, MIN_SQRT_RATIO - 1, MAX_SQRT_RATIO, 1 << 200])
def test_a_price_out_of_range_has_no_tick(price: int) -> None:
    with pytest.raises(SqrtPriceRangeError):
        get_tick_at_sqrt_ratio(price)


@given(tick=st.integers(MIN_TICK, MAX_TICK - 1))
def test_a_price_belongs_to_its_tick_and_the_price_below_to_the_tick_below(tick: int) -> None:
    price = get_sqrt_ratio_at_tick(tick)
    assert get_tick_at_sqrt_ratio(price) == tick
    assert get_tick_at_sqrt_ratio(price + 1) == tick
    if tick > MIN_TICK:
        assert get_tick_at_sqrt_ratio(price - 1) == tick - 1


@given(price=st.integers(MIN_SQRT_RATIO, MAX_SQRT_RATIO - 1))
def test_a_tick_is_the_greatest_whose_price_is_not_above(price: int) -> None:
    tick = get_tick_at_sqrt_ratio(price)
    assert get_sqrt_ratio_at_tick(tick) <= price < get_sqrt_ratio_at_tick(tick + 1)
