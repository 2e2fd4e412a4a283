"""Storage slots are found for every layout we know, and reported where there is none."""

import pytest

from chain.client import ChainClient
from chain.errors import SlotNotFound
from chain.hexes import checksum
from chain.layouts import MappingLayout, Order
from chain.slots import _MARKER, SlotFinder
from dex.types import Address, BlockRef
from tests.support.small_market import SmallMarket

pytestmark = pytest.mark.anvil

TOKEN = checksum("0x" + "70ce" * 10)
NAMESPACE = 0x52C63247E1F47DB19D5CE0460030C497F067CA4CEBF71BA98EEADABE20BACE00
"""ERC20StorageLocation in OpenZeppelin's ERC20Upgradeable.sol, 5.x."""
_OWNER, _SPENDER = "600435", "602435"  # calldataload
_READ = "54600052" + "60206000f3"  # return sload(top)


def mstore(offset: int, value: str) -> str:
    return f"{value}60{offset:02x}52"


def push(value: int) -> str:
    return f"7f{value:064x}"


def token_code(balance: str, allowance: str) -> str:
    """``balance`` runs on calldata of one argument, ``allowance`` on more; each leaves its slot on the stack."""
    one = balance + _READ
    jump = 7 + len(one) // 2
    return f"0x6024361160{jump:02x}57" + one + "5b" + allowance + _READ


def hashed(first: str, second: str) -> str:
    return mstore(0, first) + mstore(0x20, second) + "6040600020"


def solidity_token(balances: int, allowances: int) -> str:
    inner = hashed(_OWNER, push(allowances)) + "602052"  # the inner hash to 0x20
    return token_code(hashed(_OWNER, push(balances)), inner + mstore(0, _SPENDER) + "6040600020")


def vyper_token(balances: int, allowances: int) -> str:
    inner = hashed(push(allowances), _OWNER) + "600052"
    return token_code(hashed(push(balances), _OWNER), inner + mstore(0x20, _SPENDER) + "6040600020")


def solady_token() -> str:
    balance = mstore(0x0C, "6387a211a2") + mstore(0, _OWNER) + "6020600c20"
    allowance = mstore(0x20, _SPENDER) + mstore(0x0C, "637f5e9f20") + mstore(0, _OWNER) + "6034600c20"
    return token_code(balance, allowance)


async def head(client: ChainClient) -> BlockRef:
    block = await client.block()
    assert block is not None
    return block


async def layout_of(market: SmallMarket, client: ChainClient, code: str) -> tuple[MappingLayout, MappingLayout]:
    market.rpc.call("anvil_setCode", TOKEN, code)
    market.mine()
    found = await SlotFinder(client).layout(TOKEN, await head(client))
    return found.balances, found.allowances


@pytest.mark.parametrize(
    ("code", "order", "positions"),
    [
        (solidity_token(0, 1), Order.SOLIDITY, (0, 1)),
        (solidity_token(51, 52), Order.SOLIDITY, (51, 52)),
        (solidity_token(NAMESPACE, NAMESPACE + 1), Order.SOLIDITY, (NAMESPACE, NAMESPACE + 1)),
        (vyper_token(4, 5), Order.VYPER, (4, 5)),
        (solady_token(), Order.SOLADY, (0, 0)),
    ],
    ids=["plain", "upgradeable", "erc7201", "vyper", "solady"],
)
async def test_a_layout_is_found(
    market: SmallMarket, client: ChainClient, code: str, order: Order, positions: tuple[int, int]
) -> None:
    balances, allowances = await layout_of(market, client, code)
    assert (balances.order, balances.position) == (order, positions[0])
    assert (allowances.order, allowances.position) == (order, positions[1])


async def test_weth9_keeps_balances_at_3_and_allowances_at_4(market: SmallMarket, client: ChainClient) -> None:
    found = await SlotFinder(client).layout(market.weth, await head(client))
    assert (found.balances.position, found.allowances.position) == (3, 4)


@pytest.mark.parametrize(
    "code",
    ["0x600760005260206000f3", "0x60006000fd", "0x00", solidity_token(400, 1), solidity_token(0, 400)],
    ids=["constant", "reverting", "silent", "balances elsewhere", "allowances elsewhere"],
)
async def test_a_token_of_no_known_layout_is_reported(market: SmallMarket, client: ChainClient, code: str) -> None:
    with pytest.raises(SlotNotFound):
        await layout_of(market, client, code)


async def test_a_token_that_repeats_a_marker_whatever_it_holds_is_reported(
    market: SmallMarket, client: ChainClient
) -> None:
    answers_first_marker = f"0x7f{_MARKER:064x}60005260206000f3"
    with pytest.raises(SlotNotFound, match="does not answer what its storage holds"):
        await layout_of(market, client, answers_first_marker)


async def test_an_address_without_code_is_reported(market: SmallMarket, client: ChainClient) -> None:
    with pytest.raises(SlotNotFound, match="no contract"):
        await SlotFinder(client).layout(Address("0x" + "00" * 19 + "99"), await head(client))


async def test_a_token_of_known_code_is_confirmed_and_not_searched_again(
    market: SmallMarket, client: ChainClient
) -> None:
    twin = checksum("0x" + "7717" * 10)
    for address in (TOKEN, twin):
        market.rpc.call("anvil_setCode", address, vyper_token(7, 9))
    market.mine()
    finder, block = SlotFinder(client), await head(client)
    assert await finder.layout(TOKEN, block) == await finder.layout(twin, block)
