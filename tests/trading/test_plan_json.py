import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.market.pools import Protocol
from dex.routing.plan import Hop, Path, SwapPlan
from dex.types import Address, BlockRef
from trading.plan_json import dump, load

uint256 = st.integers(0, 2**256 - 1)
addresses = st.integers(0, 2**160 - 1).map(lambda number: Address(f"0x{number:040x}"))
hashes = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
optional = st.none() | uint256

blocks = st.builds(
    BlockRef,
    number=uint256,
    hash=hashes,
    parent_hash=hashes,
    timestamp=uint256,
    base_fee_per_gas=optional,
    gas_used=optional,
    gas_limit=optional,
)
hops = st.builds(
    Hop,
    pool=addresses,
    protocol=st.sampled_from(Protocol),
    token_in=addresses,
    token_out=addresses,
    fee_pips=st.integers(0, 999_999),
)
plans = st.builds(
    SwapPlan,
    chain_id=uint256,
    sender=addresses,
    router=addresses,
    calldata=st.binary(max_size=400),
    token_in=addresses,
    token_out=addresses,
    amount_in=uint256,
    quoted_out=uint256,
    minimum_out=uint256,
    path=st.builds(Path, hops=st.lists(hops, min_size=1, max_size=3).map(tuple)),
    deadline=uint256,
    max_fee_per_gas=uint256,
    max_priority_fee_per_gas=uint256,
    decided_at=blocks,
)

ZERO = Address("0x" + "00" * 20)
EXAMPLE = SwapPlan(
    chain_id=1,
    sender=ZERO,
    router=ZERO,
    calldata=b"\x01\x02",
    token_in=ZERO,
    token_out=ZERO,
    amount_in=2**255,
    quoted_out=0,
    minimum_out=0,
    path=Path(hops=(Hop(pool=ZERO, protocol=Protocol.V2, token_in=ZERO, token_out=ZERO, fee_pips=3000),)),
    deadline=5,
    max_fee_per_gas=0,
    max_priority_fee_per_gas=0,
    decided_at=BlockRef(number=7, hash="0x", parent_hash="0x", timestamp=5, base_fee_per_gas=None),
)


@given(plan=plans)
def test_a_plan_comes_back_from_json_text_as_it_was(plan: SwapPlan) -> None:
    assert load(json.loads(json.dumps(dump(plan)))) == plan


def test_integers_are_decimal_strings_and_calldata_is_hex() -> None:
    dumped = dump(EXAMPLE)
    assert dumped["amount_in"] == str(2**255)
    assert dumped["calldata"] == "0x0102"


def test_an_unknown_base_fee_stays_unknown() -> None:
    assert dump(EXAMPLE)["decided_at"]["base_fee_per_gas"] is None


@pytest.mark.parametrize("key", sorted(dump(EXAMPLE)))
def test_a_plan_with_a_missing_field_is_refused(key: str) -> None:
    torn = {name: value for name, value in dump(EXAMPLE).items() if name != key}
    with pytest.raises(ValueError, match="not a swap plan"):
        load(torn)


@pytest.mark.parametrize(
    ("key", "value"),
    [("amount_in", "ten"), ("amount_in", None), ("calldata", "0102"), ("calldata", 5), ("path", [3]), ("deadline", [])],
)
def test_a_plan_with_a_field_of_another_kind_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - int() and fromhex() say it in their own words
        load(dump(EXAMPLE) | {key: value})
