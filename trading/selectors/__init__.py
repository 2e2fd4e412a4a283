from trading.selectors.registry import known_pools, known_tokens, pools_between, tokens_at

__all__ = ["known_pools", "known_tokens", "pools_between", "tokens_at"]
