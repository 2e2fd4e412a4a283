"""Reading a block's state from a node that goes on; the node is a script."""

from typing import Any, cast

import pytest

from chain.client import ChainClient
from chain.settled import settled
from dex.types import BlockRef

BLOCK = BlockRef(
    number=7,
    hash="0x" + "7" * 64,
    parent_hash="0x" + "6" * 64,
    timestamp=70,
    base_fee_per_gas=1,
    gas_used=0,
    gas_limit=1,
)


class Heights:
    """A node that is asked for nothing but its height."""

    def __init__(self, *heights: int) -> None:
        self._heights = list(heights)

    async def call(self, method: str) -> Any:
        assert method == "eth_blockNumber"
        return hex(self._heights.pop(0))


@pytest.mark.parametrize(
    ("heights", "reads"),
    [
        pytest.param((7, 7), 1, id="it stays the newest"),
        pytest.param((7, 8), 2, id="the next block came meanwhile"),
        pytest.param((8,), 1, id="it was not the newest any more"),
        pytest.param((6, 6), 1, id="another node that lags"),
    ],
)
async def test_a_state_is_read_again_where_the_next_block_came_meanwhile(heights: tuple[int, ...], reads: int) -> None:
    made = 0

    async def read() -> int:
        nonlocal made
        made += 1
        return made

    assert await settled(cast(ChainClient, Heights(*heights)), BLOCK, read) == reads
