"""What lists and single answers read of each kind: plain columns, since a model object costs more than the query.

A row is a named tuple with a column's lookup for each name. What every user sees takes the user's id and is the same.
"""

from typing import Any

from django.db.models import QuerySet

from trading.models import Market, Pool, Token

Row = Any
"""A named tuple of one of the querysets below."""

_CHAIN = ("chain__name", "chain__chain_id")
MARKET = (
    *("id", "chain_key", "quote_token", "head_number", "head_hash", "head_time"),
    *("base_fee", "tip", "prices", "problem", "observed_at"),
    *_CHAIN,
)
_BOTH_TOKENS = [f"{token}__{column}" for token in ("token0", "token1") for column in ("address", "symbol", "decimals")]


def market_rows(user_id: int = 0) -> QuerySet[Market, Row]:
    return Market.objects.values_list(*MARKET, named=True)


def token_rows(user_id: int = 0) -> QuerySet[Token, Row]:
    return Token.objects.values_list("id", "address", "symbol", "decimals", *_CHAIN, named=True)


def pool_rows(user_id: int = 0) -> QuerySet[Pool, Row]:
    columns = ("id", "address", "protocol", "fee_pips", "tick_spacing")
    return Pool.objects.values_list(*columns, *_BOTH_TOKENS, *_CHAIN, named=True)
