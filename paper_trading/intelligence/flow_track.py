"""A token's trades over all its pools, as a reorg leaves them."""

from bisect import bisect_right
from collections.abc import Mapping

from dex.market.events import BlockUpdate, V2Swap, V3Swap
from dex.types import Address
from paper_trading.intelligence.base import FlowSeries


class FlowTrack:
    """Keeps the newest ``limit`` trades, and twice that before it trims, so that a rewind of some blocks loses none."""

    __slots__ = ("_blocks", "_first", "_limit", "_signed", "_times")

    def __init__(self, pools: Mapping[Address, bool], *, limit: int = 512) -> None:
        """``pools`` are those that trade the token; True where it is their token0."""
        self._first = dict(pools)
        self._limit = limit
        self._blocks: list[int] = []
        self._times: list[int] = []
        self._signed: list[int] = []

    def take(self, update: BlockUpdate) -> None:
        """Adds the block's trades; what leaves a pool was bought."""
        for event in update.events:
            if isinstance(event, V2Swap | V3Swap) and event.pool in self._first:
                self._blocks.append(update.block.number)
                self._times.append(update.block.timestamp)
                self._signed.append(-_received(event, first=self._first[event.pool]))
        if len(self._blocks) >= 4 * self._limit:
            self._cut(len(self._blocks) - 2 * self._limit, len(self._blocks))

    def rewind(self, block_number: int) -> None:
        """Forgets the trades of later blocks."""
        self._cut(0, bisect_right(self._blocks, block_number))

    def series(self) -> FlowSeries:
        return FlowSeries(
            blocks=tuple(self._blocks[-self._limit :]),
            times=tuple(self._times[-self._limit :]),
            signed=tuple(self._signed[-self._limit :]),
        )

    def _cut(self, start: int, stop: int) -> None:
        self._blocks = self._blocks[start:stop]
        self._times = self._times[start:stop]
        self._signed = self._signed[start:stop]


def _received(event: V2Swap | V3Swap, *, first: bool) -> int:
    """Base units of token0 (``first``) or token1 that the pool took in, less what it paid."""
    if isinstance(event, V3Swap):
        return event.amount0 if first else event.amount1
    return event.amount0_in - event.amount0_out if first else event.amount1_in - event.amount1_out
