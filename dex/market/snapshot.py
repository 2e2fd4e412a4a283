"""The market as it was at one head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dex.market.candles import Candle
from dex.market.events import PoolLaunched
from dex.market.history import PoolHistoryView
from dex.market.pools import PoolInfo
from dex.market.price import PoolState
from dex.market.trades import Trade
from dex.types import Address, BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSnapshot:
    """Stays as it is while the market moves on. ``states`` are those at the end of ``head``."""

    head: BlockRef
    infos: Mapping[Address, PoolInfo]
    states: Mapping[Address, PoolState]
    launches: tuple[PoolLaunched, ...]
    histories: Mapping[Address, PoolHistoryView]

    def trades(self, pool: Address, limit: int | None = None) -> Sequence[Trade]:
        """The newest ``limit`` trades, oldest first; raises ``KeyError`` for a pool that is not in the market."""
        return self.histories[pool].trades.last(limit)

    def candles(self, pool: Address, limit: int | None = None) -> Sequence[Candle]:
        """The newest ``limit`` candles of blocks that traded, oldest first; ``KeyError`` likewise."""
        return self.histories[pool].candles.last(limit)
