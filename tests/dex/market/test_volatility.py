from math import exp

import pytest

from dex.market.volatility import ewma_bps, realised_bps


def test_steps_of_ten_bps_are_a_volatility_of_ten_bps() -> None:
    prices = [exp(0.001 * (i % 2)) for i in range(9)]
    assert realised_bps(prices) == pytest.approx(10.0)
    assert ewma_bps(prices, half_life=3) == pytest.approx(10.0)


def test_the_ewma_follows_the_newest_steps() -> None:
    calm_then_wild = [1.0] * 50 + [exp(0.01 * (i % 2)) for i in range(10)]
    assert ewma_bps(calm_then_wild, half_life=5) > 1.5 * realised_bps(calm_then_wild)


def test_one_price_has_no_volatility() -> None:
    assert realised_bps([1.0]) is None
    assert ewma_bps([1.0], half_life=5) is None
