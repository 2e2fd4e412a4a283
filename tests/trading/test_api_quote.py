"""Against a real local chain, and against nodes that are not there."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from django.test import Client

from chain.devnet.codec import call
from chain.devnet.devnet import Devnet
from chain.devnet.rpc import Rpc
from dex.market.pools import Protocol
from dex.types import Address
from tests.support.api_client import client_for, error_of, user_named
from trading.models import Chain, Pool, Token
from trading.networks import networks

pytestmark = [pytest.mark.django_db, pytest.mark.anvil]
URL = "/paper-trading/api/quote/"
NETWORK = networks()["devnet"]
ASKED = {"token_in": "WETH", "token_out": "USDC", "amount": "0.5"}
RAW = {"token_in": "WETH", "token_out": "USDC", "chain": "devnet"}


@pytest.fixture
def reader() -> Client:
    return client_for(user_named("alice"), scopes=["read"])


@pytest.fixture
def node(stepped_devnet: Devnet, settings: Any) -> str:
    settings.RPC_URLS = [stepped_devnet.url]
    Chain.objects.create(chain_id=NETWORK.chain_id, name=NETWORK.name)
    return stepped_devnet.url


def quoted(reader: Client, **asked: str) -> dict[str, Any]:
    answer = reader.get(URL, {"chain": "devnet", **ASKED, **asked})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def router_says(node: str, amount: int, tokens: Sequence[Address], block: str) -> int:
    """What Uniswap's own V2 router would pay at that block."""
    data = call("getAmountsOut(uint256,address[])", amount, list(tokens))
    with Rpc(node) as rpc:
        answer = rpc.call("eth_call", {"to": NETWORK.v2[0].router, "data": data}, {"blockHash": block})
    return int(answer[-64:], 16)


@pytest.mark.parametrize("amount", ["0.001", "1", "40", "1000"])
def test_a_quote_is_what_the_router_would_pay_at_its_block(reader: Client, node: str, amount: str) -> None:
    told = quoted(reader, token_in="FLUX", amount=amount)
    [hop] = told["path"]
    way = [hop["token_in"], hop["token_out"]]
    assert (way, hop["protocol"]) == ([NETWORK.token("FLUX").address, NETWORK.quote_token], Protocol.V2)
    paid = router_says(node, int(told["amount_in"]["raw"]), way, told["block"]["hash"])
    assert int(told["amount_out"]["raw"]) == paid


def test_the_path_that_pays_most_is_taken(reader: Client, node: str) -> None:
    told = quoted(reader, token_in="WETH", amount="40")
    direct = [NETWORK.wrapped_native, NETWORK.quote_token]
    paid = router_says(node, int(told["amount_in"]["raw"]), direct, told["block"]["hash"])
    assert told["path"][0]["protocol"] == Protocol.V3
    assert int(told["amount_out"]["raw"]) > paid


def test_the_block_is_the_head(reader: Client, node: str, stepped_devnet: Devnet) -> None:
    assert quoted(reader)["block"]["number"] == stepped_devnet.head.number


def test_base_units_mean_the_same(reader: Client, node: str) -> None:
    by_text = quoted(reader, amount="0.5")
    answer = reader.get(URL, {**RAW, "amount_raw": str(5 * 10**17)})
    assert answer.json()["amount_out"] == by_text["amount_out"]


def test_pools_of_an_earlier_chain_are_passed_over(reader: Client, node: str) -> None:
    """The registry keeps what it saw; the local chain may have begun anew since."""
    chain = Chain.objects.get()
    flux, usdc = (
        Token.objects.create(chain=chain, address=one.address, symbol=one.symbol, decimals=one.decimals)
        for one in (NETWORK.token("FLUX"), NETWORK.token("USDC"))
    )
    asked = {"token_in": "FLUX", "amount": "1"}
    expected = quoted(reader, **asked)
    pools = [(expected["path"][0]["pool"], 3000), ("0x" + "9" * 40, 100)]
    for address, fee in pools:
        Pool.objects.create(chain=chain, address=address, protocol="v2", token0=usdc, token1=flux, fee_pips=fee)
    assert quoted(reader, **asked)["path"] == expected["path"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "0.0000000000000000001"}, "amount"),
        ({"amount": "9" * 78}, "amount"),
        ({"amount_raw": "1"}, "amount"),
        ({"token_out": "WETH"}, "token_out"),
        ({"token_in": "NOPE"}, "token_in"),
        ({"token_in": "0x" + "c" * 40}, "token_in"),
        ({"chain": "mars"}, "chain"),
    ],
)
def test_what_cannot_be_asked_names_its_field(reader: Client, changes: dict[str, str], field: str) -> None:
    answer = reader.get(URL, {**ASKED, **changes})
    assert answer.status_code == 400
    assert set(error_of(answer)["fields"]) == {field}


def test_too_little_to_swap_is_a_409(reader: Client, node: str) -> None:
    answer = reader.get(URL, {**RAW, "amount_raw": "1"})
    assert (answer.status_code, error_of(answer)["code"]) == (409, "no_route")


def test_a_node_of_another_chain_is_a_409(reader: Client, node: str) -> None:
    answer = reader.get(URL, {**ASKED, "chain": "ethereum"})
    assert (answer.status_code, error_of(answer)["code"]) == (409, "wrong_chain")


def test_without_a_node_it_is_a_503_that_says_so(reader: Client, settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path
    answer = reader.get(URL, ASKED)
    assert (answer.status_code, error_of(answer)["code"]) == (503, "node_unavailable")


def test_a_running_local_chain_is_found_by_itself(
    reader: Client, node: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    settings.RPC_URLS = []
    monkeypatch.setattr("trading.api_views.quote.running_url", lambda folder: asked.append(folder) or node)
    assert quoted(reader)["amount_out"]["symbol"] == "USDC"
    assert asked == [settings.VAR_DIR / "devnet"]


@pytest.fixture
def silent_node() -> Iterator[str]:
    """Takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_node_that_never_answers_costs_five_seconds_at_most(reader: Client, settings: Any, silent_node: str) -> None:
    settings.RPC_URLS = [silent_node, silent_node]
    started = time.monotonic()
    answer = reader.get(URL, {**ASKED, "chain": "devnet"})
    assert (answer.status_code, error_of(answer)["code"]) == (503, "node_unavailable")
    assert time.monotonic() - started < 5
