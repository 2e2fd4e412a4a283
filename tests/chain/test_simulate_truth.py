"""A simulated fill equals what really happens when the same call is the last transaction of the same block."""

import pytest

from chain.client import ChainClient
from chain.devnet import calls
from chain.devnet.codec import call as encode
from chain.simulate import NodeWitness
from chain.source import CallOutcome, GasSource, SwapCall
from dex.market.pools import Protocol
from dex.types import Address
from tests.support.small_market import SmallMarket
from tests.support.swaps import path_of, router_of, swap_call

pytestmark = pytest.mark.anvil

AMOUNT = 2_500 * 10**6
SPARE = 17


def trade_in_every_pool(market: SmallMarket) -> None:
    """Somebody else's swaps in the block, which write the pools' oracles for its timestamp."""
    other, v2, v3 = market.accounts[1], router_of(market, Protocol.V2), router_of(market, Protocol.V3)
    for token_in, token_out, fee in ((market.weth, market.usd, 3000), (market.weth, market.alt, 500)):
        market.send(other, v2, calls.v2_swap(10**17, 0, (token_in, token_out), other))
        market.send(other, v3, calls.v3_swap(token_in, token_out, fee, other, amount_in=10**17, minimum_out=0))


def prepare_trader(market: SmallMarket) -> None:
    other = market.accounts[1]
    market.give(market.weth, other, 10**19)
    for protocol in Protocol:
        market.do(other, market.weth, calls.approve(router_of(market, protocol)))


def fund(market: SmallMarket, swap: SwapCall) -> None:
    """Gives the sender on the chain what the paper account has, in one block."""
    owner = market.accounts[0]
    for token, amount in swap.balances.items():
        if amount:
            market.send(owner, token, encode("transfer(address,uint256)", swap.sender, amount))
    market.send(swap.sender, swap.token_in, encode("approve(address,uint256)", swap.to, swap.amount_in))
    market.mine()


def really(market: SmallMarket, swap: SwapCall, *, busy: bool) -> tuple[int, int, int, bool]:
    """Amount in, amount out, gas and success of ``swap`` as the last transaction of the next block."""
    fund(market, swap)
    if busy:
        trade_in_every_pool(market)
    before = [market.balance(token, swap.sender) for token in (swap.token_in, swap.token_out)]
    sent = market.send(swap.sender, swap.to, "0x" + swap.data.hex())
    market.mine()
    receipt = market.receipt(sent)
    after = [market.balance(token, swap.sender) for token in (swap.token_in, swap.token_out)]
    return before[0] - after[0], after[1] - before[1], int(receipt["gasUsed"], 16), receipt["status"] == "0x1"


async def on_paper(market: SmallMarket, client: ChainClient, swap: SwapCall, *, busy: bool) -> CallOutcome:
    """The same for an account that holds nothing on the chain: the block is mined without its transaction."""
    market.mine()
    if busy:
        trade_in_every_pool(market)
    market.mine()
    block = await client.block()
    assert block is not None
    return await NodeWitness(client, market.network).execute(swap, block)


def trading_tokens(market: SmallMarket, hops: int, *, selling: bool) -> list[Address]:
    tokens = [market.usd, market.weth, market.alt][: hops + 1]
    return tokens[::-1] if selling else tokens


@pytest.mark.parametrize("busy", [False, True], ids=["quiet", "busy"])
@pytest.mark.parametrize("repeat", [False, True], ids=["first", "repeat"])
@pytest.mark.parametrize("selling", [False, True], ids=["buy", "sell"])
@pytest.mark.parametrize("hops", [1, 2])
@pytest.mark.parametrize("protocol", list(Protocol))
async def test_amounts_and_gas_equal_the_real_transaction(
    market: SmallMarket, client: ChainClient, protocol: Protocol, hops: int, selling: bool, repeat: bool, busy: bool
) -> None:
    prepare_trader(market)
    path = path_of(market, protocol, trading_tokens(market, hops, selling=selling))
    amount = 10**18 if selling else AMOUNT
    extra = SPARE if repeat else 0
    swap = swap_call(market, path, sender=market.accounts[9], amount_in=amount, held_in=amount + extra, held_out=extra)
    saved, timestamp = market.rpc.call("evm_snapshot"), market.timestamp
    outcome = await on_paper(market, client, swap, busy=busy)
    market.rpc.call("evm_revert", saved)
    market.timestamp = timestamp

    paid, received, gas, succeeded = really(market, swap, busy=busy)

    assert succeeded
    assert outcome == CallOutcome(
        amount_in=paid,
        amount_out=received,
        gas_used=gas,
        gas_source=GasSource.SIMULATED,
        l1_fee=0,
        revert_reason=None,
    )


@pytest.mark.parametrize(
    ("protocol", "reason"),
    [(Protocol.V2, "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT"), (Protocol.V3, "Too little received")],
)
async def test_a_revert_costs_the_gas_of_the_real_revert(
    market: SmallMarket, client: ChainClient, protocol: Protocol, reason: str
) -> None:
    path = path_of(market, protocol, [market.usd, market.weth])
    swap = swap_call(market, path, sender=market.accounts[9], amount_in=AMOUNT, minimum_out=10**20)
    saved, timestamp = market.rpc.call("evm_snapshot"), market.timestamp
    outcome = await on_paper(market, client, swap, busy=False)
    market.rpc.call("evm_revert", saved)
    market.timestamp = timestamp

    *_, gas, succeeded = really(market, swap, busy=False)

    assert not succeeded
    assert (outcome.amount_in, outcome.amount_out, outcome.revert_reason) == (0, 0, reason)
    assert outcome.gas_used == gas
