"""Fills of paper accounts: what leaves, what arrives, and why not."""

from dataclasses import replace

import pytest

from chain.client import ChainClient
from chain.devnet import calls
from chain.devnet.codec import call as encode
from chain.devnet.codec import creation
from chain.errors import SlotNotFound
from chain.hexes import checksum
from chain.simulate import NodeWitness
from chain.source import CallOutcome, SwapCall
from dex.market.pools import Protocol
from dex.types import Address
from tests.support.small_market import SmallMarket
from tests.support.swaps import path_of, router_of, swap_call

pytestmark = pytest.mark.anvil


async def fill(market: SmallMarket, swap: SwapCall) -> CallOutcome:
    client = ChainClient([market.node.url])
    block = await client.block()
    assert block is not None
    try:
        return await NodeWitness(client, market.network).execute(swap, block)
    finally:
        await client.close()


def a_swap(market: SmallMarket) -> SwapCall:
    path = path_of(market, Protocol.V3, [market.usd, market.weth, market.alt])
    return swap_call(market, path, amount_in=10**9, held_in=3 * 10**9, held_out=5)


def launch(market: SmallMarket, name: str, constructor: list[object]) -> tuple[Address, Address]:
    """A token of ours and its V2 pair with WETH."""
    owner, router, factory = market.accounts[0], router_of(market, Protocol.V2), market.network.v2[0].factory
    code = creation(name, ["string", "string", "uint8", "uint256"], *constructor)
    token = checksum(market.do(owner, None, code)["contractAddress"])
    market.do(owner, token, calls.approve(router))
    market.do(owner, router, calls.v2_add(token, market.weth, 10**21, 10**19, owner))
    pair = market.rpc.call("eth_call", {"to": factory, "data": encode("getPair(address,address)", token, market.weth)})
    address = checksum("0x" + pair[26:])
    market.do(owner, token, encode("setPair(address)", address))
    return token, address


def over_v2(market: SmallMarket, token_in: Address, token_out: Address, amount: int) -> SwapCall:
    return swap_call(market, path_of(market, Protocol.V2, [token_in, token_out]), amount_in=amount)


async def test_an_account_with_less_than_it_spends_reverts(market: SmallMarket) -> None:
    swap = replace(a_swap(market), balances={market.usd: 10**9 - 1})
    outcome = await fill(market, swap)
    assert outcome.revert_reason is not None
    assert outcome.amount_in == 0


async def test_what_the_chain_says_of_the_same_address_does_not_leak_into_the_fill(market: SmallMarket) -> None:
    """The first receipt of a token costs more gas, whatever the address holds on the chain."""
    swap = replace(a_swap(market), balances={market.usd: 10**9, market.alt: 0})
    market.mine()
    before = await fill(market, swap)
    owner = market.accounts[0]
    market.do(owner, market.alt, encode("transfer(address,uint256)", swap.sender, 10**18))
    assert await fill(market, swap) == before


async def test_a_honeypot_takes_the_buy_and_refuses_the_sale(market: SmallMarket) -> None:
    token, _ = launch(market, "HoneypotToken", ["Trap", "TRAP", 18, 10**24])
    bought = await fill(market, over_v2(market, market.weth, token, 10**17))
    refused = await fill(market, over_v2(market, token, market.weth, 10**18))
    assert bought.revert_reason is None
    assert bought.amount_out > 0
    assert refused.revert_reason == "TransferHelper: TRANSFER_FROM_FAILED"
    assert refused.amount_in == 0


async def test_a_swap_that_drains_a_pool_takes_only_what_the_pool_took(market: SmallMarket) -> None:
    path = path_of(market, Protocol.V3, [market.usd, market.weth])
    outcome = await fill(market, swap_call(market, path, amount_in=2**200))
    assert outcome.revert_reason is None
    assert 0 < outcome.amount_in < 2**200


async def test_a_token_that_hides_its_balances_is_reported(market: SmallMarket) -> None:
    silent = checksum("0x" + "70ce" * 10)
    market.rpc.call("anvil_setCode", silent, "0x600760005260206000f3")
    market.mine()
    with pytest.raises(SlotNotFound):
        await fill(market, over_v2(market, silent, market.weth, 10**18))


async def test_an_upgrade_that_moves_the_storage_is_noticed(market: SmallMarket) -> None:
    client = ChainClient([market.node.url])
    witness, swap = NodeWitness(client, market.network), a_swap(market)
    before = await client.block()
    assert before is not None
    await witness.execute(swap, before)
    market.rpc.call("anvil_setCode", market.usd, "0x600760005260206000f3")
    market.mine()
    after = await client.block()
    assert after is not None
    with pytest.raises(SlotNotFound):
        await witness.execute(swap, after)
    await client.close()
