"""Reads of a block's state that hold although the node takes its next block meanwhile."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from chain.client import ChainClient, quantity
from dex.types import BlockRef

T = TypeVar("T")


async def settled(client: ChainClient, block: BlockRef, read: Callable[[], Awaitable[T]]) -> T:
    """What ``read``, which pins its calls to ``block``, finds there; it is read again where it may have missed it.

    Anvil answers a call that is pinned to its newest block from the state that it has when the call's turn comes; where
    the next block came in between, that is the next one's. Blocks that are not the newest are answered from their own.
    """
    is_past = await _height(client) > block.number
    found = await read()
    if is_past or await _height(client) <= block.number:
        return found
    return await read()


async def _height(client: ChainClient) -> int:
    return quantity(await client.call("eth_blockNumber"), "eth_blockNumber")
