import tomllib
from pathlib import Path

import pytest

from chain.devnet.artifacts import load
from chain.devnet.devnet import Devnet
from chain.devnet.pricing import pool_price, ratio
from chain.devnet.rpc import Rpc
from chain.devnet.view import parse_states, state_requests
from dex.market.pools import Protocol

pytestmark = pytest.mark.anvil
NETWORK = Path(__file__).resolve().parents[3] / "chain" / "networks" / "devnet.toml"


@pytest.fixture(scope="module")
def deployed(make_devnet) -> Devnet:
    return make_devnet()


@pytest.fixture
def rpc(deployed: Devnet) -> Rpc:
    return Rpc(deployed.url)


def test_the_network_file_names_the_contracts_that_are_deployed(deployed: Devnet) -> None:
    contracts, network = deployed.world.contracts, tomllib.loads(NETWORK.read_text())
    assert network["chain_id"] == 31337
    assert network["wrapped_native"] == contracts.weth
    assert network["quote_token"] == deployed.world.tokens["USDC"].address
    assert (network["v2"][0]["factory"], network["v2"][0]["router"]) == (contracts.v2_factory, contracts.v2_router)
    assert (network["v3"][0]["factory"], network["v3"][0]["router"]) == (contracts.v3_factory, contracts.v3_router)


def test_the_network_file_lists_the_tokens_as_they_describe_themselves(deployed: Devnet, rpc: Rpc) -> None:
    listed = [(t["address"], t["symbol"], t["decimals"]) for t in tomllib.loads(NETWORK.read_text())["tokens"]]
    assert listed == [(t.address, t.symbol, t.decimals) for t in deployed.world.tokens.values()]
    decimals = [rpc.call("eth_call", {"to": t[0], "data": "0x313ce567"}, "latest") for t in listed]
    assert [int(answer, 16) for answer in decimals] == [t[2] for t in listed]


def test_every_pool_stands_where_the_world_says_at_the_reference_price(deployed: Devnet, rpc: Rpc) -> None:
    pools = deployed.world.pools
    states = parse_states(pools, rpc.batch(state_requests(pools)))
    for pool in pools:
        numerator, denominator = ratio(pool, pool.token0.start_price, pool.token1.start_price)
        assert pool_price(states[pool.address]) == pytest.approx(numerator / denominator, rel=1e-4)
    assert len(pools) == 13
    assert {pool.fee_pips for pool in pools if pool.protocol is Protocol.V3} == {500, 3000, 10000}


def test_official_code_is_on_the_chain_as_published(deployed: Devnet, rpc: Rpc) -> None:
    code = rpc.call("eth_getCode", deployed.world.contracts.v2_factory, "latest")
    assert code[2:] in load("UniswapV2Factory").bytecode


def test_all_deployment_transactions_succeed(deployed: Devnet, rpc: Rpc) -> None:
    for number in range(1, 6):
        assert all(r["status"] == "0x1" for r in rpc.call("eth_getBlockReceipts", hex(number)))
