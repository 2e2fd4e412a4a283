"""A WebSocket that the node drops is opened again."""

import asyncio

import pytest

from chain.client import ChainClient
from chain.devnet.anvil import Anvil
from chain.devnet.rpc import Rpc
from chain.errors import NodeUnavailable
from chain.transport import host_of

pytestmark = pytest.mark.anvil


async def test_a_websocket_survives_the_node_s_restart() -> None:
    with Anvil() as node:
        port, url = node.port, node.url.replace("http", "ws")
        client = ChainClient([url], timeout=5)
        await client.wait_head(0.01)
    with pytest.raises(NodeUnavailable):
        await client.call("eth_chainId")
    with Anvil(port=port) as node:
        assert await client.call("eth_chainId") == hex(31337)
        announced = asyncio.create_task(client.wait_head(30))
        with Rpc(node.url) as rpc:
            while not announced.done():
                rpc.call("evm_mine")
                await asyncio.sleep(0.05)
        await client.close()


async def test_a_batch_goes_over_a_websocket_too() -> None:
    with Anvil() as node:
        client = ChainClient([node.url.replace("http", "ws")])
        assert await client.batch([("eth_chainId", []), ("eth_blockNumber", [])]) == [hex(31337), "0x0"]
        await client.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@node.example:8545/v3/key?token=1", "node.example:8545"),
        ("https://node.example/v3/key", "node.example"),
    ],
)
def test_only_the_host_of_a_url_is_shown(url: str, shown: str) -> None:
    assert host_of(url) == shown
