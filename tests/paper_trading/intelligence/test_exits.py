from dataclasses import replace

import pytest

from paper_trading.intelligence.base import TokenView, price_series
from paper_trading.intelligence.exits import ExitReason, exit_for, stop_width_bps
from paper_trading.intelligence.forecast import Forecast
from paper_trading.intelligence.intel_slider import level, with_overrides
from tests.paper_trading.intelligence.views import DOLLAR, holding, rising, view

NOTHING = Forecast(move_bps=0.0, confidence=0.0)
HOPE = Forecast(move_bps=80.0, confidence=0.9)
CALM = rising(0.0)  # a zigzag of 3 bps: the stop's width is the narrowest, 40 bps, times 1.3 at level 8


def reason(seen: TokenView, expected: Forecast = NOTHING) -> ExitReason | None:
    found = exit_for(seen, seen.position, seen.exit_worth, expected, level(8))
    return None if found is None else found.reason


def test_a_quiet_position_is_kept() -> None:
    assert reason(holding(1_000, prices=CALM)) is None


def test_a_loss_beyond_the_fees_and_the_width_stops() -> None:
    assert stop_width_bps(view(CALM), level(8)) == pytest.approx(52.0)
    assert reason(holding(989, prices=CALM)) is None
    assert reason(holding(988, prices=CALM)) is ExitReason.STOP_LOSS


def test_three_widths_of_profit_are_taken() -> None:
    assert reason(holding(1_015, prices=CALM)) is None
    assert reason(holding(1_016, prices=CALM)) is ExitReason.TAKE_PROFIT


def test_a_profit_that_shrinks_is_trailed() -> None:
    assert reason(holding(1_008, peak=1_010, prices=CALM)) is None
    assert reason(holding(1_006, peak=1_010, prices=CALM)) is ExitReason.TRAILING_STOP


def test_a_peak_that_never_paid_for_itself_is_not_trailed() -> None:
    assert reason(holding(994, peak=999, prices=CALM)) is None


def test_worth_counts_after_the_gas_of_the_sale() -> None:
    seen = holding(989, prices=CALM)
    dear = replace(seen, sell_gas_quote=2 * DOLLAR)
    assert reason(seen) is None
    assert reason(dear) is ExitReason.STOP_LOSS


def test_an_expected_fall_sells_only_with_the_levels_confidence() -> None:
    seen = holding(1_000, prices=CALM)
    assert reason(seen, Forecast(move_bps=-20.0, confidence=0.55)) is ExitReason.SIGNAL
    assert reason(seen, Forecast(move_bps=-20.0, confidence=0.54)) is None
    assert reason(seen, Forecast(move_bps=-4.0, confidence=0.99)) is None


def test_time_ends_a_position_that_nothing_more_is_expected_of() -> None:
    assert reason(holding(1_000, age=59, prices=CALM)) is None
    assert reason(holding(1_000, age=60, prices=CALM)) is ExitReason.TIME
    assert reason(holding(1_000, age=60, prices=CALM), HOPE) is None
    assert reason(holding(1_000, age=240, prices=CALM), HOPE) is ExitReason.TIME


def test_the_clock_counts_in_prices_not_seconds() -> None:
    seen = holding(1_000, age=3_600, prices=CALM)
    count = len(CALM)
    now = seen.head.timestamp
    sparse = price_series(seen.prices.blocks, range(now - 120 * (count - 1), now + 1, 120), CALM)
    slow = replace(seen, prices=sparse)
    assert reason(seen) is ExitReason.TIME
    assert reason(slow) is None


def test_a_wilder_market_and_a_bolder_level_have_a_wider_stop() -> None:
    wild = view(rising(0.0, wiggle_bps=30.0))
    assert stop_width_bps(wild, level(8)) > stop_width_bps(view(CALM), level(8))
    bold = with_overrides(level(8), {"risk_tolerance": 100})
    assert stop_width_bps(wild, bold) > stop_width_bps(wild, level(8))


def test_just_after_a_restart_a_stop_is_wide_and_the_clock_stands() -> None:
    fresh = holding(985, age=10_000, prices=CALM[:10])
    assert stop_width_bps(fresh, level(8)) == pytest.approx(260.0)
    assert reason(fresh) is None
    assert reason(holding(967, prices=CALM[:10])) is ExitReason.STOP_LOSS
