"""A wrong network file is found, whichever line of it is wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chain.client import ChainClient
from chain.contracts_check import contract_problems
from chain.networks import Network
from dex.types import Address
from tests.support.small_market import SmallMarket

pytestmark = pytest.mark.anvil

NOBODY = Address("0x" + "4" * 40)


async def problems(client: ChainClient, network: Network) -> list[str]:
    block = await client.block()
    assert block is not None
    return await contract_problems(client, network, block)


async def test_a_right_network_file_has_no_problems(market: SmallMarket, client: ChainClient) -> None:
    assert await problems(client, market.network) == []


def other_v2_factory(network: Network) -> Network:
    return replace(network, v2=(replace(network.v2[0], factory=NOBODY),))


def other_v3_factory(network: Network) -> Network:
    return replace(network, v3=(replace(network.v3[0], factory=NOBODY),))


@pytest.mark.parametrize(("spoil", "kind"), [(other_v2_factory, "v2"), (other_v3_factory, "v3")])
async def test_a_router_of_another_factory_is_found(
    market: SmallMarket, client: ChainClient, spoil: Callable[[Network], Network], kind: str
) -> None:
    [problem] = await problems(client, spoil(market.network))
    assert problem.startswith(f"{kind} router ")
    assert problem.endswith(f"the network file {NOBODY}")


async def test_routers_that_wrap_another_native_token_are_found(market: SmallMarket, client: ChainClient) -> None:
    found = await problems(client, replace(market.network, wrapped_native=market.alt))
    assert [f"has WETH {market.weth}" in problem for problem in found] == [True, True]


@pytest.mark.parametrize("as_router", ["nobody", "token"])
async def test_an_address_that_is_no_router_is_found(market: SmallMarket, client: ChainClient, as_router: str) -> None:
    router = NOBODY if as_router == "nobody" else market.usd
    found = await problems(client, replace(market.network, v2=(replace(market.network.v2[0], router=router),)))
    assert [problem.split(", ")[0] for problem in found] == [
        f"v2 router {router} has factory None",
        f"v2 router {router} has WETH None",
    ]


@pytest.mark.parametrize("changes", [{"decimals": 18}, {"symbol": "USDT"}], ids=["decimals", "symbol"])
async def test_a_token_that_describes_itself_otherwise_is_found(
    market: SmallMarket, client: ChainClient, changes: dict[str, object]
) -> None:
    tokens = tuple(
        replace(token, **changes) if token.address == market.usd else token for token in market.network.tokens
    )
    [problem] = await problems(client, replace(market.network, tokens=tokens))
    assert problem.startswith(f"token {market.usd} is 'USD' with 6 decimals, the network file says")
