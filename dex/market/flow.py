"""Order flow of a pool over a window: who took what, in exact base units."""

from collections.abc import Iterable
from dataclasses import dataclass

from dex.market.trades import Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """``bought0`` is token0 that traders took out of the pool, ``sold0`` what they put in; likewise for token1."""

    bought0: int
    sold0: int
    bought1: int
    sold1: int
    buys0: int
    sells0: int

    @property
    def net0(self) -> int:
        """Token0 bought less sold."""
        return self.bought0 - self.sold0

    @property
    def gross0(self) -> int:
        return self.bought0 + self.sold0

    @property
    def trades(self) -> int:
        return self.buys0 + self.sells0


def order_flow(trades: Iterable[Trade], *, since_block: int | None = None, since_time: int | None = None) -> Flow:
    """Sums the trades in blocks from ``since_block`` on and with block times from ``since_time`` on, both inclusive."""
    bought0 = sold0 = bought1 = sold1 = buys0 = sells0 = 0
    for trade in trades:
        if since_block is not None and trade.block_number < since_block:
            continue
        if since_time is not None and trade.timestamp < since_time:
            continue
        if trade.amount0 < 0:
            buys0 += 1
            bought0 -= trade.amount0
            sold1 += trade.amount1
        else:
            sells0 += 1
            sold0 += trade.amount0
            bought1 -= trade.amount1
    return Flow(bought0=bought0, sold0=sold0, bought1=bought1, sold1=sold1, buys0=buys0, sells0=sells0)
