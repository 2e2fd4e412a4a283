from trading.services.market_log import MINUTE, note_trouble, observe_market
from trading.services.registry import register_market

__all__ = ["MINUTE", "note_trouble", "observe_market", "register_market"]
