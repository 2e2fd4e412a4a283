"""Tokens describe themselves, and what they say is not trusted."""

import pytest
from eth_abi.abi import encode

from chain.client import ChainClient
from chain.erc20 import read_tokens
from chain.hexes import checksum
from chain.symbols import clean_symbol
from dex.types import Token
from tests.support.small_market import SmallMarket

TOKEN = checksum("0x" + "70ce" * 10)


def answering(data: bytes) -> str:
    """Code that answers every call with ``data``."""
    size = len(data)
    head = f"61{size:04x}600f60003961{size:04x}6000f3"
    return "0x" + head + "00" + data.hex()


async def describe(market: SmallMarket, client: ChainClient, code: str) -> Token:
    market.rpc.call("anvil_setCode", TOKEN, code)
    market.mine()
    block = await client.block()
    assert block is not None
    [token] = await read_tokens(client, [TOKEN], block, 31337)
    return token


@pytest.mark.anvil
async def test_real_tokens_are_described(market: SmallMarket, client: ChainClient) -> None:
    block = await client.block()
    assert block is not None
    tokens = await read_tokens(client, [market.weth, market.usd], block, 31337)
    assert [(token.symbol, token.decimals) for token in tokens] == [("WETH", 18), ("USD", 6)]


@pytest.mark.anvil
@pytest.mark.parametrize(
    ("data", "symbol"),
    [
        (b"MKR".ljust(32, b"\0"), "MKR"),
        (encode(["string"], ["A\u202eB\u200b\n C"]), "ABC"),
        (encode(["string"], [""]), "?"),
        (encode(["string"], ["X" * 500]), "X" * 16),
        (b"\0" * 31 + b"\x20" + b"\xff" * 32, "?"),
        (b"\xff" * 32, "?"),
        (b"\x01", "?"),
        (b"", "?"),
    ],
    ids=["bytes32", "bidi", "empty", "long", "wild length", "not utf-8", "short", "nothing"],
)
async def test_a_symbol_is_read_whatever_its_form(
    market: SmallMarket, client: ChainClient, data: bytes, symbol: str
) -> None:
    assert (await describe(market, client, answering(data))).symbol == symbol


@pytest.mark.anvil
@pytest.mark.parametrize(("answer", "decimals"), [(0, 0), (255, 255), (256, 0), (2**256 - 1, 0)])
async def test_decimals_outside_a_byte_count_as_none(
    market: SmallMarket, client: ChainClient, answer: int, decimals: int
) -> None:
    assert (await describe(market, client, answering(encode(["uint256"], [answer])))).decimals == decimals


@pytest.mark.anvil
async def test_a_token_that_reverts_is_described_as_nothing(market: SmallMarket, client: ChainClient) -> None:
    token = await describe(market, client, "0x60006000fd")
    assert (token.symbol, token.decimals) == ("?", 0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("USDC", "USDC"),
        ("US\u200dDC", "USDC"),
        ("\uff35\uff33\uff24\uff23", "USDC"),
        ("a\u0301\u0327", "\u00e1"),
        ("\x1b[31m", "[31m"),
    ],
)
def test_a_symbol_cannot_forge_a_display(text: str, shown: str) -> None:
    assert clean_symbol(text) == shown
