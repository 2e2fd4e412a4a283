from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chain.networks import Network
from dex.market.pools import Protocol
from tests.support.api_client import client_for, user_named
from trading.models import Chain, Market, Pool, Token
from trading.networks import networks

pytestmark = pytest.mark.django_db
ROOT = "/paper-trading/api"


@pytest.fixture
def reader() -> Client:
    return client_for(user_named("alice"), scopes=["read"])


@pytest.fixture
def devnet() -> Network:
    return networks()["devnet"]


@pytest.fixture
def weth_usdc(devnet: Network) -> Pool:
    chain = Chain.objects.create(chain_id=devnet.chain_id, name=devnet.name)
    weth, usdc = (
        Token.objects.create(chain=chain, address=one.address, symbol=one.symbol, decimals=one.decimals)
        for one in devnet.tokens[:2]
    )
    return Pool.objects.create(
        chain=chain, address="0x" + "1" * 40, protocol=Protocol.V2, token0=usdc, token1=weth, fee_pips=3000
    )


def results(reader: Client, path: str) -> list[dict[str, Any]]:
    answer = reader.get(f"{ROOT}/{path}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_a_chain_that_nobody_followed_has_no_head(reader: Client) -> None:
    chains = {chain["name"]: chain for chain in results(reader, "chains/")}
    assert set(chains) == set(networks())
    assert (chains["devnet"]["head"], chains["devnet"]["live"]) == (None, False)


@pytest.mark.parametrize(("seconds", "live"), [(5, True), (60, False)])
def test_a_chain_lives_while_it_is_followed(reader: Client, weth_usdc: Pool, seconds: int, live: bool) -> None:
    now = timezone.now()
    for key, age in (("new", seconds), ("old", 10_000)):
        Market.objects.create(
            chain=weth_usdc.chain,
            chain_key=key,
            quote_token=weth_usdc.token0.address,
            head_number=age,
            head_hash="0x01",
            head_time=now,
            observed_at=now - timedelta(seconds=age),
        )
    [devnet] = [chain for chain in results(reader, "chains/") if chain["name"] == "devnet"]
    assert (devnet["head"]["number"], devnet["live"]) == (seconds, live)


def test_a_token_says_what_it_is_for(reader: Client, weth_usdc: Pool, devnet: Network) -> None:
    Token.objects.create(chain=weth_usdc.chain, address="0x" + "a" * 40, symbol="SCAM", decimals=9)
    tokens = {token["symbol"]: token for token in results(reader, "tokens/")}
    assert {name: (token["listed"], token["quote"]) for name, token in tokens.items()} == {
        "WETH": (True, False),
        "USDC": (True, True),
        "SCAM": (False, False),
    }
    assert tokens["USDC"]["address"] == devnet.quote_token


@pytest.mark.parametrize("chain", ["devnet", "31337"])
def test_a_chain_is_named_by_name_or_id(reader: Client, weth_usdc: Pool, chain: str) -> None:
    other = Chain.objects.create(chain_id=1, name="ethereum")
    Token.objects.create(chain=other, address="0x" + "b" * 40, symbol="FAR", decimals=0)
    assert [token["symbol"] for token in results(reader, f"tokens/?chain={chain}")] == ["WETH", "USDC"]


def test_an_unknown_chain_has_no_tokens(reader: Client, weth_usdc: Pool) -> None:
    assert results(reader, "tokens/?chain=nowhere") == []
    assert results(reader, f"tokens/?chain={'9' * 40}") == []


def test_a_token_is_found_by_its_address_in_any_case(reader: Client, weth_usdc: Pool, devnet: Network) -> None:
    assert [one["symbol"] for one in results(reader, f"tokens/?address={devnet.quote_token.lower()}")] == ["USDC"]


@pytest.mark.parametrize("token", ["WETH", "usdc", "0x2279b7a0a67db372996a5fab50d91eaa73d2ebe6"])
def test_pools_are_found_by_either_token(reader: Client, weth_usdc: Pool, token: str) -> None:
    [pool] = results(reader, f"pools/?token={token}")
    assert pool["address"] == weth_usdc.address
    assert (pool["token0"]["symbol"], pool["token1"]["symbol"]) == ("USDC", "WETH")
    assert (pool["protocol"], pool["fee_pips"], pool["tick_spacing"]) == ("v2", 3000, None)


def test_pools_are_found_by_protocol(reader: Client, weth_usdc: Pool) -> None:
    assert results(reader, "pools/?protocol=v3") == []
    assert reader.get(f"{ROOT}/pools/?protocol=v4").status_code == 400


@pytest.mark.parametrize("path", ["tokens/", "pools/", "prices/"])
def test_many_rows_take_as_many_queries_as_few(
    reader: Client, weth_usdc: Pool, path: str, django_assert_num_queries: Any
) -> None:
    chain, now = weth_usdc.chain, timezone.now()
    tokens = Token.objects.bulk_create(
        Token(chain=chain, address=f"0xa{i:039d}", symbol="T", decimals=0) for i in range(30)
    )
    Pool.objects.bulk_create(
        Pool(chain=chain, address=one.address, protocol="v2", token0=one, token1=weth_usdc.token0, fee_pips=1)
        for one in tokens
    )
    Market.objects.bulk_create(
        Market(
            chain=chain,
            chain_key=one.address,
            quote_token=weth_usdc.token0.address,
            head_number=1,
            head_hash="0x01",
            head_time=now,
            prices={one.address: 1.5},
        )
        for one in tokens
    )
    reader.get(f"{ROOT}/{path}")
    queries = 3 if path == "prices/" else 2
    for limit in (3, 30):
        with django_assert_num_queries(queries):
            assert len(results(reader, f"{path}?limit={limit}")) == limit
