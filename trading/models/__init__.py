from trading.models.chain import Chain
from trading.models.pool import Pool
from trading.models.token import Token

__all__ = ["Chain", "Pool", "Token"]
