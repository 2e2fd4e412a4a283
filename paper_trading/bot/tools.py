"""What a trader works with. All but the engine and the scope is shared by the sessions of a process."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dex.types import Address
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.scope import TradingScope
from paper_trading.services.simulator import PaperExecutor


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """``tip`` is wei per gas, ``clock`` unix seconds. ``unsimulated`` names tokens that the node cannot execute for us,
    and why: they are never ordered."""

    scope: TradingScope
    desk: MarketDesk
    gas_book: GasBook
    executor: PaperExecutor
    engine: AIEngine
    receipts: ReceiptCheck
    tip: Callable[[], int]
    clock: Callable[[], float]
    unsimulated: dict[Address, str] = field(default_factory=dict)
