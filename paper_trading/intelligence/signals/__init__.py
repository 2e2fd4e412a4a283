"""The signals by name. ``DIRECTIONAL`` ones expect a move, the others judge the conditions of a trade."""

from collections.abc import Mapping
from types import MappingProxyType

from paper_trading.intelligence.base import MarketSignal, Signal
from paper_trading.intelligence.signals.gas import Gas
from paper_trading.intelligence.signals.liquidity import Liquidity
from paper_trading.intelligence.signals.mean_reversion import MeanReversion
from paper_trading.intelligence.signals.order_flow import OrderFlow
from paper_trading.intelligence.signals.trend import Trend
from paper_trading.intelligence.signals.volatility import Volatility

_OF_THE_MARKET: tuple[MarketSignal, ...] = (Trend(), MeanReversion(), OrderFlow(), Volatility(), Gas())
_ALL: tuple[Signal, ...] = (Trend(), MeanReversion(), OrderFlow(), Volatility(), Liquidity(), Gas())

MARKET_SIGNALS: Mapping[str, MarketSignal] = MappingProxyType({signal.name: signal for signal in _OF_THE_MARKET})
"""Those that read the same for every account."""

SIGNALS: Mapping[str, Signal] = MappingProxyType({signal.name: signal for signal in _ALL})
DIRECTIONAL = frozenset({"trend", "mean_reversion", "order_flow"})
