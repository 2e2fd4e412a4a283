"""A token's closing price per block, as a reorg leaves it."""

from bisect import bisect_right
from math import log

from dex.types import BlockRef
from paper_trading.intelligence.base import PriceSeries


class PriceTrack:
    """Keeps the newest ``limit`` prices, and ``keep_blocks`` more so that a rewind of that many blocks loses none."""

    __slots__ = ("_blocks", "_keep", "_limit", "_logs", "_prices", "_times")

    def __init__(self, *, limit: int = 512, keep_blocks: int = 256) -> None:
        self._limit = limit
        self._keep = limit + keep_blocks
        self._blocks: list[int] = []
        self._times: list[int] = []
        self._prices: list[float] = []
        self._logs: list[float] = []

    def add(self, block: BlockRef, price: float) -> None:
        """``price`` is quote per token at the end of ``block``, which comes after every block so far.

        Raises ``ValueError`` for a price not above 0 or a block out of order.
        """
        if self._blocks and block.number <= self._blocks[-1]:
            raise ValueError(f"block {block.number} does not come after {self._blocks[-1]}")
        self._logs.append(log(price))
        self._blocks.append(block.number)
        self._times.append(block.timestamp)
        self._prices.append(price)
        if len(self._blocks) >= 2 * self._keep:
            self._cut(len(self._blocks) - self._keep, len(self._blocks))

    def rewind(self, block_number: int) -> None:
        """Forgets the prices of later blocks."""
        self._cut(0, bisect_right(self._blocks, block_number))

    def series(self, limit: int | None = None) -> PriceSeries:
        """The newest ``limit`` prices, and no more than the track's own limit."""
        size = self._limit if limit is None else min(limit, self._limit)
        start = max(0, len(self._blocks) - size)
        return PriceSeries(
            blocks=tuple(self._blocks[start:]),
            times=tuple(self._times[start:]),
            prices=tuple(self._prices[start:]),
            logs=tuple(self._logs[start:]),
        )

    def _cut(self, start: int, stop: int) -> None:
        self._blocks = self._blocks[start:stop]
        self._times = self._times[start:stop]
        self._prices = self._prices[start:stop]
        self._logs = self._logs[start:stop]
