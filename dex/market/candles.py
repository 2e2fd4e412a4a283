"""Candles of a pool, by block and by time.

The history holds one candle for each block that traded. A block without a trade has no candle, and neither has a
bucket without one: nothing is invented to fill a gap.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from dex.market.trades import Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """Prices are token1 per token0 in base units; ``open`` is the price before the first trade.

    ``volume0``/``volume1`` count what traded in base units, fee included. Blocks and times are those of the first and
    the last block with a trade.
    """

    start_block: int
    end_block: int
    start_time: int
    end_time: int
    open: float
    high: float
    low: float
    close: float
    volume0: int
    volume1: int
    trades: int


def block_candle(trades: Sequence[Trade], price_before: float) -> Candle:
    """The candle of one block's trades in one pool, in log order; ``trades`` is not empty."""
    first = trades[0]
    high = low = price_before
    volume0 = volume1 = 0
    for trade in trades:
        high = max(high, trade.price)
        low = min(low, trade.price)
        volume0 += abs(trade.amount0)
        volume1 += abs(trade.amount1)
    return Candle(
        start_block=first.block_number,
        end_block=first.block_number,
        start_time=first.timestamp,
        end_time=first.timestamp,
        open=price_before,
        high=high,
        low=low,
        close=trades[-1].price,
        volume0=volume0,
        volume1=volume1,
        trades=len(trades),
    )


def merge_by_blocks(candles: Iterable[Candle], blocks: int) -> tuple[Candle, ...]:
    """Candles over buckets of ``blocks`` block numbers, aligned to multiples of it."""
    return _merge_by(candles, lambda candle: candle.start_block // blocks)


def merge_by_time(candles: Iterable[Candle], seconds: int) -> tuple[Candle, ...]:
    """Candles over buckets of ``seconds``, aligned to multiples of it since the epoch."""
    return _merge_by(candles, lambda candle: candle.start_time // seconds)


def _merge_by(candles: Iterable[Candle], bucket: Callable[[Candle], int]) -> tuple[Candle, ...]:
    return tuple(_merge(tuple(group)) for _, group in groupby(candles, key=bucket))


def _merge(group: Sequence[Candle]) -> Candle:
    first, last = group[0], group[-1]
    return Candle(
        start_block=first.start_block,
        end_block=last.end_block,
        start_time=first.start_time,
        end_time=last.end_time,
        open=first.open,
        high=max(candle.high for candle in group),
        low=min(candle.low for candle in group),
        close=last.close,
        volume0=sum(candle.volume0 for candle in group),
        volume1=sum(candle.volume1 for candle in group),
        trades=sum(candle.trades for candle in group),
    )
