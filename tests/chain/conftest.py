from collections.abc import AsyncIterator, Iterator

import pytest

from chain.client import ChainClient
from tests.support.small_market import SmallMarket, open_market


@pytest.fixture(scope="module")
def shared_market() -> Iterator[SmallMarket]:
    market = open_market()
    yield market
    market.close()


@pytest.fixture
def market(shared_market: SmallMarket) -> Iterator[SmallMarket]:
    """The module's market; what a test does to its chain is undone afterwards."""
    saved, timestamp = shared_market.rpc.call("evm_snapshot"), shared_market.timestamp
    yield shared_market
    assert shared_market.rpc.call("evm_revert", saved) is True
    shared_market.timestamp = timestamp


@pytest.fixture
async def client(market: SmallMarket) -> AsyncIterator[ChainClient]:
    client = ChainClient([market.node.url])
    yield client
    await client.close()
