"""The table's bound against what the official contracts charge in the dearest ordinary cases."""

from collections.abc import Iterator

import pytest

from chain.calldata import encode_swap
from chain.devnet import calls
from chain.devnet.codec import call
from dex.gas.table import swap_gas_bound
from dex.market.pools import Protocol
from dex.routing.plan import Path
from dex.types import Address
from tests.support.paths import address, path_over
from tests.support.small_market import SmallMarket, open_market
from tests.support.swaps import path_of, router_of

AMOUNT = {"buy": 2_500 * 10**6, "sell": 10**18}


@pytest.fixture(scope="module")
def market() -> Iterator[SmallMarket]:
    market = open_market()
    for protocol in Protocol:
        for token in (market.usd, market.alt, market.weth):
            market.do(market.accounts[9], token, calls.approve(router_of(market, protocol)))
    yield market
    market.close()


@pytest.fixture
def fresh(market: SmallMarket) -> Iterator[SmallMarket]:
    """Nobody has swapped yet: the pools' fee counters are still zero, whose first write is the dearest."""
    saved, timestamp = market.rpc.call("evm_snapshot"), market.timestamp
    yield market
    market.rpc.call("evm_revert", saved)
    market.timestamp = timestamp


def gas_of(market: SmallMarket, path: Path, amount_in: int) -> int:
    """Of a swap in a block of its own, by an account that keeps some of the token and never held the other one."""
    sender = market.accounts[9]
    market.give(path.tokens[0], sender, amount_in + 1)
    assert market.balance(path.tokens[-1], sender) == 0
    data = encode_swap(path, recipient=sender, amount_in=amount_in, minimum_out=1, deadline=2**40)
    receipt = market.do(sender, router_of(market, path.protocol), "0x" + data.hex())
    assert market.balance(path.tokens[-1], sender) > 0
    return int(receipt["gasUsed"], 16)


def tokens_of(market: SmallMarket, hops: int, side: str) -> list[Address]:
    tokens = [market.usd, market.weth, market.alt][: hops + 1]
    return tokens if side == "buy" else tokens[::-1]


@pytest.mark.anvil
@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("hops", [1, 2])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_the_bound_is_above_a_first_time_recipients_swap(
    fresh: SmallMarket, protocol: Protocol, hops: int, side: str
) -> None:
    path = path_of(fresh, protocol, tokens_of(fresh, hops, side))
    assert gas_of(fresh, path, AMOUNT[side]) < swap_gas_bound(path)


@pytest.mark.anvil
def test_the_bound_is_above_a_swap_that_pays_a_protocol_fee_and_crosses_a_tick(fresh: SmallMarket) -> None:
    path = path_of(fresh, Protocol.V3, [fresh.usd, fresh.weth])
    pair = sorted((fresh.usd, fresh.weth), key=lambda one: int(one, 16))
    found = fresh.rpc.call(
        "eth_call",
        {"to": fresh.network.v3[0].factory, "data": call("getPool(address,address,uint24)", *pair, 3000)},
        "latest",
    )
    fresh.do(fresh.accounts[0], Address("0x" + found[26:]), call("setFeeProtocol(uint8,uint8)", 4, 4))
    assert gas_of(fresh, path, 200_000 * 10**6) < swap_gas_bound(path)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_every_hop_adds_the_same(protocol: Protocol) -> None:
    one, two, three = (swap_gas_bound(path_over(protocol, *map(address, range(1, n)))) for n in (3, 4, 5))
    assert two - one == three - two > 0
