"""Logs decode to exact integers, and hostile ones to nothing."""

from typing import Any

import pytest
from eth_abi.abi import encode

from chain import topics
from chain.errors import NodeUnavailable
from chain.hexes import checksum
from chain.logs import decode, decode_all
from dex.market.events import (
    PoolLaunched,
    V2Burn,
    V2Mint,
    V2Swap,
    V2Sync,
    V3Burn,
    V3Initialize,
    V3Mint,
    V3SetFeeProtocol,
    V3Swap,
)

POOL = checksum("0x" + "ab" * 20)
FACTORY = checksum("0x" + "fa" * 20)
ONE, TWO = checksum("0x" + "11" * 20), checksum("0x" + "22" * 20)
WHERE = {"pool": POOL, "block_number": 5, "tx_index": 2, "log_index": 7, "tx_hash": "0x" + "cd" * 32}
MIN_INT256, MAX_UINT256 = -(2**255), 2**256 - 1


def indexed(kind: str, value: object) -> str:
    return "0x" + encode([kind], [value]).hex()


def log(topic_list: list[str], kinds: list[str], values: list[object], *, address: str = POOL) -> dict[str, Any]:
    return {
        "address": address.lower(),
        "topics": topic_list,
        "data": "0x" + encode(kinds, values).hex(),
        "blockNumber": "0x5",
        "transactionIndex": "0x2",
        "logIndex": "0x7",
        "transactionHash": WHERE["tx_hash"],
        "blockHash": "0x" + "ee" * 32,
        "removed": False,
    }


SENDER, TO = indexed("address", ONE), indexed("address", TWO)
CASES = [
    (log([topics.V2_SYNC], ["uint112"] * 2, [2**112 - 1, 1]), V2Sync(**WHERE, reserve0=2**112 - 1, reserve1=1)),
    (
        log([topics.V2_SWAP, SENDER, TO], ["uint256"] * 4, [MAX_UINT256, 0, 3, 4]),
        V2Swap(**WHERE, amount0_in=MAX_UINT256, amount1_in=0, amount0_out=3, amount1_out=4),
    ),
    (log([topics.V2_MINT, SENDER], ["uint256"] * 2, [5, 6]), V2Mint(**WHERE, amount0=5, amount1=6)),
    (log([topics.V2_BURN, SENDER, TO], ["uint256"] * 2, [5, 6]), V2Burn(**WHERE, amount0=5, amount1=6)),
    (
        log([topics.V3_INITIALIZE], ["uint160", "int24"], [2**160 - 1, -887272]),
        V3Initialize(**WHERE, sqrt_price_x96=2**160 - 1, tick=-887272),
    ),
    (
        log(
            [topics.V3_SWAP, SENDER, TO],
            ["int256", "int256", "uint160", "uint128", "int24"],
            [MIN_INT256, 2**255 - 1, 2**96, 2**128 - 1, -1],
        ),
        V3Swap(
            **WHERE,
            amount0=MIN_INT256,
            amount1=2**255 - 1,
            sqrt_price_x96=2**96,
            liquidity=2**128 - 1,
            tick=-1,
        ),
    ),
    (
        log(
            [topics.V3_MINT, SENDER, indexed("int24", -60), indexed("int24", 120)],
            ["address", "uint128", "uint256", "uint256"],
            [TWO, 9, 10, 11],
        ),
        V3Mint(**WHERE, tick_lower=-60, tick_upper=120, liquidity=9, amount0=10, amount1=11),
    ),
    (
        log(
            [topics.V3_BURN, SENDER, indexed("int24", -120), indexed("int24", -60)],
            ["uint128", "uint256", "uint256"],
            [9, 10, 11],
        ),
        V3Burn(**WHERE, tick_lower=-120, tick_upper=-60, liquidity=9, amount0=10, amount1=11),
    ),
    (
        log([topics.V3_SET_FEE_PROTOCOL], ["uint8"] * 4, [0, 1, 4, 10]),
        V3SetFeeProtocol(**WHERE, fee_protocol0=4, fee_protocol1=10),
    ),
]
PAIR_CREATED = log(
    [topics.V2_PAIR_CREATED, indexed("address", ONE), indexed("address", TWO)],
    ["address", "uint256"],
    [POOL, 1],
    address=FACTORY,
)
POOL_CREATED = log(
    [topics.V3_POOL_CREATED, indexed("address", ONE), indexed("address", TWO), indexed("uint24", 500)],
    ["int24", "address"],
    [10, POOL],
    address=FACTORY,
)


@pytest.mark.parametrize(("raw", "event"), CASES, ids=[type(event).__name__ for _, event in CASES])
def test_a_log_decodes_to_its_event(raw: dict[str, Any], event: object) -> None:
    assert decode(raw) == event


@pytest.mark.parametrize(
    ("raw", "fee", "spacing"), [(PAIR_CREATED, None, None), (POOL_CREATED, 500, 10)], ids=["v2", "v3"]
)
def test_a_factory_s_log_decodes_to_a_launch(raw: dict[str, Any], fee: int | None, spacing: int | None) -> None:
    launch = PoolLaunched(**WHERE, token0=ONE, token1=TWO, fee_pips=fee, tick_spacing=spacing)
    assert decode(raw, factories=frozenset({FACTORY})) == launch


def test_a_launch_from_anybody_else_is_ignored() -> None:
    assert decode({**PAIR_CREATED, "address": ONE}, factories=frozenset({FACTORY})) is None


def test_a_pool_event_from_a_factory_is_ignored() -> None:
    raw, _ = CASES[0]
    assert decode({**raw, "address": FACTORY}, factories=frozenset({FACTORY})) is None


@pytest.mark.parametrize(("raw", "event"), CASES, ids=[type(event).__name__ for _, event in CASES])
def test_a_log_of_another_shape_is_ignored(raw: dict[str, Any], event: object) -> None:
    assert decode({**raw, "data": raw["data"] + "00"}) is None
    assert decode({**raw, "data": raw["data"][:-64]}) is None
    assert decode({**raw, "data": "0x"}) is None
    assert decode({**raw, "topics": [*raw["topics"], SENDER]}) is None


def test_an_unknown_event_is_ignored() -> None:
    raw, _ = CASES[0]
    assert decode({**raw, "topics": [topics.topic("Transfer(address,address,uint256)")]}) is None
    assert decode({**raw, "topics": []}) is None


@pytest.mark.parametrize("missing", ["topics", "data", "address", "blockNumber", "logIndex", "transactionHash"])
def test_a_log_without_a_field_is_the_node_s_fault(missing: str) -> None:
    raw, _ = CASES[0]
    with pytest.raises(NodeUnavailable):
        decode({key: value for key, value in raw.items() if key != missing})


def test_events_are_sorted_by_log_index() -> None:
    raw, _ = CASES[0]
    shuffled = [{**raw, "logIndex": hex(n)} for n in (3, 11, 1)]
    assert [event.log_index for event in decode_all(shuffled, factories=frozenset())] == [1, 3, 11]
