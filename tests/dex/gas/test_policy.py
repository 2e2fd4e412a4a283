import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.gas.base_fee import NoFeeData, highest_base_fee
from dex.gas.policy import FeeCaps, covers, fee_caps, fee_paid
from tests.dex.gas.test_base_fee import block

GWEI = 10**9


def test_caps_cover_as_many_full_blocks_as_asked_and_not_one_more() -> None:
    caps = fee_caps(block(10 * GWEI, 1), patience_blocks=3, tip=0)
    assert covers(caps, highest_base_fee(10 * GWEI, 3))
    assert not covers(caps, highest_base_fee(10 * GWEI, 4))


def test_the_tip_is_covered_on_top() -> None:
    caps = fee_caps(block(10 * GWEI, 1), patience_blocks=0, tip=GWEI)
    assert caps == FeeCaps(max_fee_per_gas=11 * GWEI, max_priority_fee_per_gas=GWEI)


def test_without_a_base_fee_there_are_no_caps() -> None:
    with pytest.raises(NoFeeData):
        fee_caps(block(None, None, None), patience_blocks=1, tip=0)


def test_the_fee_is_base_fee_and_tip_while_the_cap_leaves_room() -> None:
    caps = FeeCaps(max_fee_per_gas=20, max_priority_fee_per_gas=3)
    assert fee_paid(100, 10, caps) == 1_300
    assert fee_paid(100, 18, caps) == 2_000


def test_a_block_over_the_cap_cannot_charge() -> None:
    with pytest.raises(ValueError, match="does not cover"):
        fee_paid(1, 21, FeeCaps(max_fee_per_gas=20, max_priority_fee_per_gas=3))


@given(cap=st.integers(0, 10**12), tip=st.integers(0, 10**10), base_fee=st.integers(0, 10**12))
def test_nobody_pays_more_than_the_cap_or_less_than_the_base_fee(cap: int, tip: int, base_fee: int) -> None:
    caps = FeeCaps(max_fee_per_gas=cap, max_priority_fee_per_gas=tip)
    if covers(caps, base_fee):
        assert base_fee * 7 <= fee_paid(7, base_fee, caps) <= cap * 7
