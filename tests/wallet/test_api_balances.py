"""Against a real local chain, and against nodes that are not there."""

import socket
from contextlib import closing
from typing import Any

import pytest
from django.test import Client

from chain.devnet.codec import call
from chain.devnet.devnet import Devnet
from chain.devnet.rpc import Rpc
from chain.networks import find_network, load_networks
from tests.support.api_client import client_for, error_of, user_named
from wallet.models import Wallet
from wallet.services.wallets import add_watched

pytestmark = [pytest.mark.django_db, pytest.mark.anvil]
RICH = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
"""The first account of every anvil, which deploys the local market."""


@pytest.fixture
def wallet() -> Wallet:
    return add_watched(address=RICH, user=user_named("alice"))


@pytest.fixture
def reader() -> Client:
    return client_for(user_named("alice"), scopes=["read"])


@pytest.fixture
def node(stepped_devnet: Devnet, settings: Any) -> str:
    settings.RPC_URLS = [stepped_devnet.url]
    return stepped_devnet.url


def ask(reader: Client, wallet: Wallet, **query: str) -> Any:
    return reader.get(f"/api/wallets/{wallet.pk}/balances/", query)


@pytest.mark.parametrize("query", [{}, {"chain": "devnet"}, {"chain": "31337"}])
def test_balances_are_what_the_contracts_say_at_that_block(
    reader: Client, wallet: Wallet, node: str, settings: Any, query: dict[str, str]
) -> None:
    told = ask(reader, wallet, **query).json()
    network = find_network(load_networks(settings.NETWORKS_DIR), "devnet")
    block = {"blockHash": told["block"]["hash"]}
    data = call("balanceOf(address)", RICH)
    with Rpc(node) as rpc:
        expected = {
            token.symbol: int(rpc.call("eth_call", {"to": token.address, "data": data}, block), 16)
            for token in network.tokens
        }
        native = int(rpc.call("eth_getBalance", RICH, block), 16)
    read = {one["symbol"]: int(one["raw"]) for one in told["balances"]}
    assert (told["chain"], told["address"], told["unreadable"]) == ("devnet", RICH, [])
    assert read == {network.native_symbol: native, **expected}
    assert native > 0
    assert any(expected.values())


def test_amounts_are_exact_text_too(reader: Client, wallet: Wallet, node: str) -> None:
    native = ask(reader, wallet).json()["balances"][0]
    assert native["decimals"] == 18
    assert native["raw"].rjust(19, "0")[:-18] == native["text"].partition(".")[0]


def test_a_token_that_is_no_contract_is_named_and_hides_nothing_else(
    reader: Client, wallet: Wallet, node: str, settings: Any, tmp_path: Any
) -> None:
    text = (settings.NETWORKS_DIR / "devnet.toml").read_text()
    ghost = '\n[[tokens]]\naddress = "0x1111111111111111111111111111111111111111"\nsymbol = "GHOST"\ndecimals = 18\n'
    (tmp_path / "devnet.toml").write_text(text + ghost)
    known = len(ask(reader, wallet).json()["balances"])
    settings.NETWORKS_DIR = tmp_path
    told = ask(reader, wallet).json()
    assert told["unreadable"] == ["GHOST"]
    assert len(told["balances"]) == known


def test_without_a_node_it_is_a_503_that_says_so(reader: Client, wallet: Wallet, settings: Any, tmp_path: Any) -> None:
    settings.RPC_URLS, settings.VAR_DIR = [], tmp_path
    for query in ({}, {"chain": "ethereum"}):
        answer = ask(reader, wallet, **query)
        assert (answer.status_code, error_of(answer)["code"]) == (503, "node_unavailable")


def test_a_node_that_is_gone_is_a_503(reader: Client, wallet: Wallet, settings: Any) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        settings.RPC_URLS = [f"http://127.0.0.1:{server.getsockname()[1]}"]
    answer = ask(reader, wallet)
    assert (answer.status_code, error_of(answer)["code"]) == (503, "node_unavailable")


def test_a_node_of_another_chain_is_a_409(reader: Client, wallet: Wallet, node: str) -> None:
    answer = ask(reader, wallet, chain="ethereum")
    assert (answer.status_code, error_of(answer)["code"]) == (409, "wrong_chain")


def test_a_chain_that_nobody_knows_is_a_400(reader: Client, wallet: Wallet, node: str) -> None:
    answer = ask(reader, wallet, chain="mars")
    assert answer.status_code == 400
    assert set(error_of(answer)["fields"]) == {"chain"}
