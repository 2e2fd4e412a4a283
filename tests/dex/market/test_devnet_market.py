"""On a living chain: the market rebuilt from events is the one that the contracts hold."""

from collections import Counter
from pathlib import Path

import pytest

from chain.client import ChainClient
from chain.devnet.devnet import Devnet
from chain.networks import load_networks
from chain.node_source import NodeSource
from chain.pools import load_states
from dex.market.state import MarketState

pytestmark = pytest.mark.anvil
_NETWORKS = Path(__file__).resolve().parents[3] / "chain" / "networks"
_BLOCKS = 25


async def test_rebuilt_state_equals_the_loaded_one_at_every_block(stepped_devnet: Devnet) -> None:
    first = stepped_devnet.head.number
    stepped_devnet.step(_BLOCKS)
    client = ChainClient([stepped_devnet.url])
    source = NodeSource(client, load_networks(_NETWORKS)["devnet"])
    try:
        start = await source.start(first)
        market = MarketState(start.pools)
        market.load(start.block, start.states)
        seen: Counter[str] = Counter()
        async for update in source.updates():
            market.apply(update)
            seen.update(type(event).__name__ for event in update.events)
            assert market.states == await load_states(client, start.pools, update.block)
            if update.block.number == first + _BLOCKS:
                break
    finally:
        await source.close()
    assert {"V2Swap", "V3Swap", "V3Mint", "V3Burn"} <= set(seen)
