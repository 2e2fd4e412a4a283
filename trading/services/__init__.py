from trading.services.market_log import MINUTE, observe_market
from trading.services.registry import register_market

__all__ = ["MINUTE", "observe_market", "register_market"]
