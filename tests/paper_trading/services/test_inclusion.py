from dataclasses import replace

import pytest

from paper_trading.services.inclusion import Inclusion, inclusion
from tests.support.small_desk import DOLLAR, FIRST, GWEI, USD, WETH, block, plan

ORDER = plan(USD, WETH, amount_in=100 * DOLLAR, max_fee=2 * GWEI)
NEXT = block(FIRST + 1)


def test_the_block_it_was_decided_on_never_takes_an_order() -> None:
    assert inclusion(ORDER, block(FIRST)) is Inclusion.WAITS


def test_a_block_before_the_decision_does_not_take_it_even_after_the_deadline() -> None:
    assert inclusion(replace(ORDER, deadline=0), block(FIRST)) is Inclusion.WAITS


def test_the_next_block_takes_it() -> None:
    assert inclusion(ORDER, NEXT) is Inclusion.INCLUDED


@pytest.mark.parametrize(("base_fee", "verdict"), [(2 * GWEI, Inclusion.INCLUDED), (2 * GWEI + 1, Inclusion.WAITS)])
def test_a_base_fee_up_to_the_cap_is_covered(base_fee: int, verdict: Inclusion) -> None:
    assert inclusion(ORDER, replace(NEXT, base_fee_per_gas=base_fee)) is verdict


@pytest.mark.parametrize(("late", "verdict"), [(0, Inclusion.INCLUDED), (1, Inclusion.EXPIRED)])
def test_the_deadline_s_own_second_is_in_time(late: int, verdict: Inclusion) -> None:
    assert inclusion(ORDER, replace(NEXT, timestamp=ORDER.deadline + late)) is verdict


def test_a_late_block_expires_an_order_that_it_would_not_have_covered() -> None:
    late = replace(NEXT, timestamp=ORDER.deadline + 1, base_fee_per_gas=9 * GWEI)
    assert inclusion(ORDER, late) is Inclusion.EXPIRED


def test_a_recorded_block_without_fees_takes_every_order() -> None:
    assert inclusion(replace(ORDER, max_fee_per_gas=0), replace(NEXT, base_fee_per_gas=None)) is Inclusion.INCLUDED
