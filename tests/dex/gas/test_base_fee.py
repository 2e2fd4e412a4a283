import csv
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.errors import SkipTrade
from dex.gas.base_fee import NoFeeData, highest_base_fee, next_base_fee
from dex.types import BlockRef

_ROOT = Path(__file__).resolve().parents[3]
_DATA = Path(os.environ.get("DEXPROJECT_DATA", _ROOT.parent / "shared" / "data"))
_FEES = _DATA / "fee-history" / "mainnet-2026-01.csv"


def block(base_fee: int | None, gas_used: int | None, gas_limit: int | None = 30_000_000) -> BlockRef:
    return BlockRef(
        number=1,
        hash="0x1",
        parent_hash="0x0",
        timestamp=0,
        base_fee_per_gas=base_fee,
        gas_used=gas_used,
        gas_limit=gas_limit,
    )


@pytest.mark.recording
@pytest.mark.skipif(not _FEES.is_file(), reason="the recorded fee history is not beside the project")
def test_the_rule_gives_every_recorded_base_fee() -> None:
    with _FEES.open(newline="") as file:
        rows = [{name: int(value) for name, value in row.items()} for row in csv.DictReader(file)]
    followed = 0
    for row, after in pairwise(rows):
        if after["number"] == row["number"] + 1:
            before = block(row["base_fee_per_gas"], row["gas_used"], row["gas_limit"])
            assert next_base_fee(before) == after["base_fee_per_gas"]
            followed += 1
    assert followed > 400


# The examples of the EIP's own reference tests in go-ethereum, consensus/misc/eip1559.
@pytest.mark.parametrize(
    ("gas_used", "expected"), [(10_000_000, 1_000_000_000), (9_000_000, 987_500_000), (11_000_000, 1_012_500_000)]
)
def test_known_examples(gas_used: int, expected: int) -> None:
    assert next_base_fee(block(1_000_000_000, gas_used, 20_000_000)) == expected


def test_a_base_fee_over_target_rises_by_one_wei_at_least() -> None:
    assert next_base_fee(block(1, 15_000_001)) == 2
    assert next_base_fee(block(0, 30_000_000)) == 1


@pytest.mark.parametrize("missing", ["base_fee_per_gas", "gas_used", "gas_limit"])
def test_missing_fee_data_skips_the_trade(missing: str) -> None:
    with pytest.raises(NoFeeData):
        next_base_fee(replace(block(1, 1), **{missing: None}))
    assert issubclass(NoFeeData, SkipTrade)


@given(
    base_fee=st.integers(0, 10**14),
    blocks=st.lists(st.integers(0, 30_000_000), max_size=12),
)
def test_no_run_of_blocks_exceeds_the_highest_base_fee(base_fee: int, blocks: list[int]) -> None:
    fee = base_fee
    for gas_used in blocks:
        fee = next_base_fee(block(fee, gas_used))
    assert fee <= highest_base_fee(base_fee, len(blocks))


@given(base_fee=st.integers(0, 10**14), count=st.integers(0, 12))
def test_full_blocks_reach_the_highest_base_fee(base_fee: int, count: int) -> None:
    fee = base_fee
    for _ in range(count):
        fee = next_base_fee(block(fee, 30_000_000))
    assert fee == highest_base_fee(base_fee, count)
