"""The signals by name. ``DIRECTIONAL`` ones expect a move, the others judge the conditions of a trade."""

from collections.abc import Mapping
from types import MappingProxyType

from paper_trading.intelligence.base import Signal
from paper_trading.intelligence.signals.gas import Gas
from paper_trading.intelligence.signals.liquidity import Liquidity
from paper_trading.intelligence.signals.mean_reversion import MeanReversion
from paper_trading.intelligence.signals.order_flow import OrderFlow
from paper_trading.intelligence.signals.trend import Trend
from paper_trading.intelligence.signals.volatility import Volatility

_ALL: tuple[Signal, ...] = (Trend(), MeanReversion(), OrderFlow(), Volatility(), Liquidity(), Gas())

SIGNALS: Mapping[str, Signal] = MappingProxyType({signal.name: signal for signal in _ALL})
DIRECTIONAL = frozenset({"trend", "mean_reversion", "order_flow"})
