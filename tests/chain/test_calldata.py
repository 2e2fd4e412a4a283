"""Calldata against transactions that Ethereum mined."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.exceptions import ValueOutOfBounds

from chain.calldata import DecodedSwap, decode_swap, encode_swap
from chain.hexes import checksum
from dex.market.pools import Protocol
from tests.support.paths import address, path_over
from tests.support.recording import DATA

TRANSACTIONS = DATA / "router-calldata" / "transactions.jsonl.gz"

WETH = checksum("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")
WBTC = checksum("0x2260fac5e5542a773aa44fbcfedf7c193bc2c599")
USDC = checksum("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48")
USDT = checksum("0xdac17f958d2ee523a2206206994597c13d831ec7")
MATIC = checksum("0x7d1afa7b718fb893db30a3abc0cfc608aacfebb0")
BNT = checksum("0x0bc529c00c6401aef6d220be8c6ea1667f6ad93e")

# Transaction 0x1e1ee2093139d89969a7f5e21e29ee3d9261b4f3288fba63c5ecc38651ab126a
V2_MINED = (
    "38ed1739000000000000000000000000000000000000000000000000050788c9e19496bf"
    "000000000000000000000000000000000000000000000001968df53211ecb000"
    "00000000000000000000000000000000000000000000000000000000000000a0"
    "00000000000000000000000000e43c0bfa2303310222e077ffa948bddf256848"
    "000000000000000000000000000000000000000000000000000000005f4b3f72"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "0000000000000000000000000bc529c00c6401aef6d220be8c6ea1667f6ad93e"
    "000000000000000000000000c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
)
# 0xa7d1fda91894b001a5a9ba2ec585379eeb61a408daac80fee5cd0fb0a03aa5a3
SINGLE_MINED = (
    "414bf389000000000000000000000000c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
    "0000000000000000000000002260fac5e5542a773aa44fbcfedf7c193bc2c599"
    "0000000000000000000000000000000000000000000000000000000000000bb8"
    "000000000000000000000000422162745b12b8c58d19e348d7c8c134bbedf886"
    "0000000000000000000000000000000000000000000000000000000060a3f5c3"
    "000000000000000000000000000000000000000000000003fd93740153e40000"
    "000000000000000000000000000000000000000000000000000000002217d61a"
    "0000000000000000000000000000000000000000000000000000000000000000"
)
# 0x7a4fb15f6f5fc029aba0d865ab8f100fd48eed965509e275b38e53b642c4d4c7
MULTI_MINED = (
    "c04b8d590000000000000000000000000000000000000000000000000000000000000020"
    "00000000000000000000000000000000000000000000000000000000000000a0"
    "000000000000000000000000543812c87700377b7b6d943142cb57b1b4a05624"
    "00000000000000000000000000000000000000000000000000000000610bdf1c"
    "000000000000000000000000000000000000000000000012f9387097a8a75a8a"
    "000000000000000000000000000000000000000000000000000000001572f042"
    "0000000000000000000000000000000000000000000000000000000000000042"
    "7d1afa7b718fb893db30a3abc0cfc608aacfebb0000bb8a0b86991c6218b36c1"
    "d19d4a2e9eb0ce3606eb480001f4dac17f958d2ee523a2206206994597c13d83"
    "1ec7000000000000000000000000000000000000000000000000000000000000"
)


def test_a_v2_swap_encodes_to_the_bytes_that_ethereum_mined() -> None:
    calldata = encode_swap(
        path_over(Protocol.V2, BNT, WETH),
        recipient=checksum("0x00e43c0bfa2303310222e077ffa948bddf256848"),
        amount_in=362408695681029823,
        minimum_out=29295340746512838656,
        deadline=1598766962,
    )
    assert calldata.hex() == V2_MINED


def test_a_v3_swap_over_one_pool_encodes_to_the_bytes_that_ethereum_mined() -> None:
    calldata = encode_swap(
        path_over(Protocol.V3, WETH, WBTC, fees=(3000,)),
        recipient=checksum("0x422162745b12b8c58d19e348d7c8c134bbedf886"),
        amount_in=73612307883352129536,
        minimum_out=571987482,
        deadline=1621358019,
    )
    assert calldata.hex() == SINGLE_MINED


def test_a_v3_swap_over_two_pools_encodes_to_the_bytes_that_ethereum_mined() -> None:
    calldata = encode_swap(
        path_over(Protocol.V3, MATIC, USDC, USDT, fees=(3000, 500)),
        recipient=checksum("0x543812c87700377b7b6d943142cb57b1b4a05624"),
        amount_in=349999620637583694474,
        minimum_out=359854146,
        deadline=1628167964,
    )
    assert calldata.hex() == MULTI_MINED


def test_decoding_names_every_field_of_a_two_pool_swap() -> None:
    assert decode_swap(bytes.fromhex(MULTI_MINED)) == DecodedSwap(
        protocol=Protocol.V3,
        tokens=(MATIC, USDC, USDT),
        fees=(3000, 500),
        recipient=checksum("0x543812c87700377b7b6d943142cb57b1b4a05624"),
        amount_in=349999620637583694474,
        minimum_out=359854146,
        deadline=1628167964,
    )


@pytest.mark.parametrize("mined", [V2_MINED, SINGLE_MINED, MULTI_MINED])
def test_torn_calldata_decodes_to_nothing(mined: str) -> None:
    whole = bytes.fromhex(mined)
    assert all(decode_swap(whole[:length]) is None for length in range(0, len(whole) - 32, 7))


def test_calldata_of_another_function_decodes_to_nothing() -> None:
    assert decode_swap(bytes.fromhex("a9059cbb" + "00" * 64)) is None


def test_an_amount_above_uint256_is_refused() -> None:
    with pytest.raises(ValueOutOfBounds):
        encode_swap(
            path_over(Protocol.V2, BNT, WETH), recipient=address(1), amount_in=2**256, minimum_out=1, deadline=1
        )


@pytest.mark.recording
@pytest.mark.skipif(not TRANSACTIONS.exists(), reason="the recorded router transactions are not beside the project")
def test_every_recorded_exact_input_swap_is_read_and_written_back_to_its_mined_bytes() -> None:
    swaps = list(_recorded_swaps())
    assert len(swaps) == 64
    for mined, swap in swaps:
        path = path_over(swap.protocol, *swap.tokens, fees=swap.fees or None)
        written = encode_swap(
            path,
            recipient=swap.recipient,
            amount_in=swap.amount_in,
            minimum_out=swap.minimum_out,
            deadline=swap.deadline,
        )
        # Some senders add bytes of their own, and one sets a price limit, which we never do.
        assert mined[: len(written)] == written or _price_limit(mined) != 0


def _recorded_swaps() -> Iterator[tuple[bytes, DecodedSwap]]:
    with gzip.open(TRANSACTIONS, "rt") as file:
        for line in file:
            transaction: dict[str, Any] = json.loads(line)
            mined = bytes.fromhex(transaction["input"][2:])
            swap = decode_swap(mined)
            if swap is not None:
                yield mined, swap


def _price_limit(mined: bytes) -> int:
    return int.from_bytes(mined[-32:], "big") if mined[:4].hex() == "414bf389" else 0
