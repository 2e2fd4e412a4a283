"""What a trader works with. The desk and the gas book are shared by all sessions of a process."""

from collections.abc import Callable
from dataclasses import dataclass

from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.scope import TradingScope
from paper_trading.services.simulator import PaperExecutor


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """``tip`` is wei per gas, ``clock`` unix seconds."""

    scope: TradingScope
    desk: MarketDesk
    gas_book: GasBook
    executor: PaperExecutor
    engine: AIEngine
    receipts: ReceiptCheck
    tip: Callable[[], int]
    clock: Callable[[], float]
