from trading.models.chain import Chain
from trading.models.market import Candle, Market
from trading.models.pool import Pool
from trading.models.token import Token

__all__ = ["Candle", "Chain", "Market", "Pool", "Token"]
