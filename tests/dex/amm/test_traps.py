"""The places where models of V3 pools usually go wrong, one test each, judged by the contract where it has a say.

What a test asserts beside that shows that it stands in the trap: a model that did not know of it would differ.
"""

from dataclasses import replace

import pytest

from dex.amm import ConcentratedPool, TickInfo, swap_math, tick_math
from dex.amm.errors import PartialFill
from tests.dex.amm.v3_judge import V3Judge
from tests.dex.amm.v3_script import V3Script

SPACING = 60
WORD = 256 * SPACING
HUGE = 10**40


def _script(*, tick: int = 0, beyond: int = 0) -> V3Script:
    """A 0.3 % pool whose price is that of ``tick`` and ``beyond`` more."""
    script = V3Script("trap", fee_pips=3000, tick_spacing=SPACING)
    script.initialize(tick_math.get_sqrt_ratio_at_tick(tick) + beyond)
    return script


def _price(tick: int) -> int:
    return tick_math.get_sqrt_ratio_at_tick(tick)


@pytest.mark.anvil
@pytest.mark.parametrize("zero_for_one", [True, False])
def test_a_swap_stops_and_rounds_at_every_word_end(judge: V3Judge, zero_for_one: bool) -> None:
    script = _script()
    script.mint(-3 * WORD, 3 * WORD, 12_345)
    before, limit = script.pool, _price(-3 * WORD + 1 if zero_for_one else 3 * WORD - 1)
    script.swap(HUGE, zero_for_one, limit)
    _, amount_in, _, fee = swap_math.compute_swap_step(before.sqrt_price_x96, limit, before.liquidity, HUGE, 3000)
    taken = max(script.steps[-1].expected[:2])
    assert taken > amount_in + fee
    judge.assert_agrees(script)


@pytest.mark.anvil
@pytest.mark.parametrize("tick", [-SPACING, -WORD], ids=["an initialised tick", "a word end"])
def test_landing_on_a_stop_downwards_leaves_the_tick_below(judge: V3Judge, tick: int) -> None:
    script = _script(beyond=5)
    script.mint(-2 * WORD, 2 * WORD, 10**12)
    script.mint(-SPACING, SPACING, 10**12)
    script.swap(HUGE, True, _price(tick))
    assert (script.pool.sqrt_price_x96, script.pool.tick) == (_price(tick), tick - 1)
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_landing_between_stops_downwards_leaves_the_tick_of_the_price(judge: V3Judge) -> None:
    script = _script(beyond=5)
    script.mint(-2 * WORD, 2 * WORD, 10**12)
    script.swap(HUGE, True, _price(-2 * SPACING))
    assert script.pool.tick == -2 * SPACING
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_landing_on_a_stop_upwards_leaves_that_tick_crossed(judge: V3Judge) -> None:
    script = _script()
    script.mint(-2 * WORD, 2 * WORD, 10**12)
    script.mint(-SPACING, SPACING, 10**12)
    script.swap(HUGE, False, _price(SPACING))
    assert (script.pool.tick, script.pool.liquidity) == (SPACING, 10**12)
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_a_crossed_tick_is_not_crossed_again_on_the_way_further_down(judge: V3Judge) -> None:
    script = _script(beyond=5)
    script.mint(-2 * WORD, 2 * WORD, 10**12)
    script.mint(-SPACING, SPACING, 10**12)
    script.swap(HUGE, True, _price(-SPACING))
    script.swap(1000, True)
    script.swap(-1000, False, _price(-SPACING))
    script.swap(1000, False)
    judge.assert_agrees(script)


@pytest.mark.anvil
@pytest.mark.parametrize("tick", [-1, -SPACING])
def test_going_up_from_the_last_slot_of_a_word_finds_the_first_tick_of_the_next(judge: V3Judge, tick: int) -> None:
    script = _script(tick=tick)
    script.mint(-WORD, 0, 10**12)
    script.mint(0, SPACING, 10**12)
    script.swap(10**12, False)
    assert script.pool.ticks[0] == TickInfo(liquidity_gross=2 * 10**12, liquidity_net=0)
    assert script.steps[-1].ticks_crossed == 2
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_a_last_step_takes_the_whole_rest_as_fee(judge: V3Judge) -> None:
    script = _script()
    script.mint(-WORD, WORD, 10**30)
    script.swap(3, False)
    assert script.steps[-1].expected[:2] == (0, 3)
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_an_exact_input_that_meets_its_limit_is_filled_in_part(judge: V3Judge) -> None:
    script = _script()
    script.mint(-SPACING, SPACING, 10**12)
    script.swap(10**12, True, _price(-10))
    amount0, amount1, price, _, _ = script.steps[-1].expected
    assert (0 < amount0 < 10**12, amount1 < 0, price) == (True, True, _price(-10))
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_an_empty_pool_lets_the_price_run_to_the_end_for_nothing(judge: V3Judge) -> None:
    script = _script()
    script.swap(10**12, True)
    assert script.steps[-1].expected == (0, 0, tick_math.MIN_SQRT_RATIO + 1, 0, tick_math.MIN_TICK)
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_a_gap_without_liquidity_is_crossed_for_nothing(judge: V3Judge) -> None:
    script = _script()
    script.mint(-SPACING, SPACING, 10**12)
    script.mint(3 * WORD, 3 * WORD + SPACING, 10**12)
    script.swap(10**13, False)
    script.swap(-(10**9), True)
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_the_protocol_s_part_comes_out_of_the_fee_and_not_out_of_the_trade(judge: V3Judge) -> None:
    script = _script()
    script.mint(-WORD, WORD, 10**18)
    _, without = script.pool.swap(10**15, True)
    script.set_fee_protocol(4, 10)
    script.swap(10**15, True)
    script.swap(-(10**14), False)
    assert script.steps[-2].expected[:2] == (without.amount0, without.amount1)
    assert script.pool.protocol_fees0 == 3 * 10**12 // 4
    judge.assert_agrees(script)


@pytest.mark.anvil
def test_a_tick_whose_net_is_zero_is_still_a_stop_that_rounds(judge: V3Judge) -> None:
    parted, whole = _script(tick=30), _script(tick=30)
    liquidity = 12_345
    for lower in range(-20, 20):
        parted.mint(lower * SPACING, (lower + 1) * SPACING, liquidity)
    whole.mint(-20 * SPACING, 20 * SPACING, liquidity)
    for script in (parted, whole):
        script.swap(HUGE, True, _price(-19 * SPACING))
        judge.assert_agrees(script)
    assert all(parted.pool.ticks[tick * SPACING].liquidity_net == 0 for tick in range(-19, 20))
    assert parted.steps[-1].expected[0] > whole.steps[-1].expected[0]


def test_a_quote_that_cannot_be_filled_whole_says_what_could() -> None:
    script = _script()
    script.mint(-SPACING, SPACING, 10**12)
    with pytest.raises(PartialFill) as caught:
        script.pool.quote_exact_in(10**12, True)
    _, result = script.pool.swap(10**12, True)
    assert (caught.value.amount_in, -caught.value.amount_out) == (result.amount0, result.amount1)
    with pytest.raises(PartialFill) as caught:
        script.pool.quote_exact_out(10**12, True)
    _, result = script.pool.swap(-(10**12), True)
    assert (caught.value.amount_in, -caught.value.amount_out) == (result.amount0, result.amount1)


def test_a_fee_can_change_in_a_pool_s_life_and_its_ticks_stay_shared() -> None:
    script = _script()
    script.mint(-WORD, WORD, 10**18)
    dearer = replace(script.pool, fee_pips=10_000)
    assert dearer.quote_exact_in(10**12, True) < script.pool.quote_exact_in(10**12, True)
    assert dearer.ticks is script.pool.ticks


def test_a_tick_with_no_gross_liquidity_is_no_stop() -> None:
    ticks = {
        -600: TickInfo(liquidity_gross=12_345, liquidity_net=12_345),
        -60: TickInfo(liquidity_gross=0, liquidity_net=0),
        600: TickInfo(liquidity_gross=12_345, liquidity_net=-12_345),
    }
    pool = ConcentratedPool(
        sqrt_price_x96=1 << 96, tick=0, liquidity=12_345, fee_pips=3000, tick_spacing=SPACING, ticks=ticks
    )
    assert list(pool.ticks) == [-600, 600]
