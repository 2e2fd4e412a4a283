"""What one pool traded, kept for statistics."""

from dataclasses import dataclass

from dex.market.candles import Candle, block_candle
from dex.market.tape import Tape, TapeView
from dex.market.trades import Trade


@dataclass(frozen=True, slots=True)
class PoolHistoryView:
    trades: TapeView[Trade]
    candles: TapeView[Candle]


class PoolHistory:
    __slots__ = ("_candles", "_trades")

    def __init__(self, *, keep_trades: int, keep_candles: int) -> None:
        self._trades: Tape[Trade] = Tape(keep=keep_trades, block_of=lambda trade: trade.block_number)
        self._candles: Tape[Candle] = Tape(keep=keep_candles, block_of=lambda candle: candle.end_block)

    def append(self, trades: list[Trade], price_before: float, *, floor: int) -> None:
        """Adds one block's trades, which are not empty."""
        for trade in trades:
            self._trades.append(trade, floor=floor)
        self._candles.append(block_candle(trades, price_before), floor=floor)

    def rewind(self, block_number: int) -> None:
        self._trades.rewind(block_number)
        self._candles.rewind(block_number)

    def view(self) -> PoolHistoryView:
        return PoolHistoryView(self._trades.view(), self._candles.view())
