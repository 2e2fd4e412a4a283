"""Prices and candles: what the market did, for display and statistics."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.amounts import AmountSchema, amount
from api.lists import ListApi
from api.parameters import choice, moment, whole
from api.permissions import ReadScope
from api.times import moment as moment_text
from api.views import ApiView
from dex.types import Address, Token
from trading.api_views.asked import asked_network, asked_token, by_chain, chain_parameter, token_parameter
from trading.api_views.registry import BlockSchema, MarketTokenSchema, block_of
from trading.networks import network_of
from trading.selectors import tokens_at
from trading.selectors.candles import WIDTHS, WideCandle, candles
from trading.selectors.markets import is_stale, newest_market_id
from trading.selectors.rows import Row, market_rows

DEFAULT_CANDLES, MOST_CANDLES = 100, 1_000
NEVER_LISTED_BLOCK_TIME = 12.0
"""Of a chain whose network file is gone."""


class PriceSchema(serializers.Serializer[Any]):
    """A mid price in whole quote tokens per whole token."""

    token = MarketTokenSchema()
    price = serializers.RegexField(r"^[0-9]+(\.[0-9]+)?$")


class MarketSchema(serializers.Serializer[Any]):
    """One instance of a chain as it was last seen. ``age_seconds`` is how long ago that was by our clock; ``stale``
    says that nobody follows it any more. ``base_fee`` and ``tip`` are wei per gas as decimal text."""

    id = serializers.IntegerField()
    chain = serializers.CharField()
    chain_id = serializers.IntegerField()
    chain_key = serializers.CharField()
    quote_token = MarketTokenSchema()
    block = BlockSchema()
    observed_at = serializers.DateTimeField()
    age_seconds = serializers.FloatField()
    stale = serializers.BooleanField()
    base_fee = serializers.RegexField(r"^[0-9]+$", allow_null=True)
    tip = serializers.RegexField(r"^[0-9]+$")
    problem = serializers.CharField(allow_blank=True)
    prices = PriceSchema(many=True)


class CandleSchema(serializers.Serializer[Any]):
    """Mid prices of one interval in whole quote tokens per whole token, and what was swapped in it."""

    opened_at = serializers.DateTimeField()
    open = serializers.RegexField(r"^[0-9]+(\.[0-9]+)?$")
    high = serializers.RegexField(r"^[0-9]+(\.[0-9]+)?$")
    low = serializers.RegexField(r"^[0-9]+(\.[0-9]+)?$")
    close = serializers.RegexField(r"^[0-9]+(\.[0-9]+)?$")
    volume = AmountSchema()
    trades = serializers.IntegerField()


class CandlesSchema(serializers.Serializer[Any]):
    """Candles of one token, oldest first."""

    chain = serializers.CharField()
    token = MarketTokenSchema()
    quote_token = MarketTokenSchema()
    interval = serializers.ChoiceField(choices=list(WIDTHS))
    results = CandleSchema(many=True)


class PricesApi(ListApi):
    permission_classes = [ReadScope]
    operation = "prices_list"
    summary = "Mid prices of watched tokens, by chain"
    rows = market_rows
    row = MarketSchema
    filters = {"chain": by_chain("chain")}
    orderings = {"observed_at": "observed_at", "id": "id"}
    default_ordering = "-observed_at"

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        now = timezone.now()
        known = tokens_at(addresses={address for row in rows for address in (row.quote_token, *row.prices)})
        return [_market(row, known, now) for row in rows]


class CandlesApi(ApiView):
    permission_classes = [ReadScope]
    parameters = {
        "token": token_parameter(required=True),
        "chain": chain_parameter(),
        "interval": choice(WIDTHS, default="1m"),
        "since": moment(description="the first candle that may be told"),
        "until": moment(description="candles begin before it"),
        "limit": whole(minimum=1, maximum=MOST_CANDLES, default=DEFAULT_CANDLES, description="the newest ones"),
    }

    @extend_schema(operation_id="candles_read", summary="Candles of a token", responses=CandlesSchema)
    def get(self, request: Request) -> Response:
        network = asked_network(self.query["chain"])
        token = asked_token(network, self.query["token"], "token")
        market_id = newest_market_id(chain_id=network.chain_id)
        span = {name: self.query[name] for name in ("interval", "limit", "since", "until")}
        found = [] if market_id is None else candles(market_id=market_id, token=token.address, **span)
        return Response(
            {
                "chain": network.name,
                "token": _token(token),
                "quote_token": _token(network.token(network.quote_token)),
                "interval": self.query["interval"],
                "results": [_candle(candle, token) for candle in found],
            }
        )


def price_text(price: float) -> str:
    """The shortest decimal text that means the same price, without an exponent.

    >>> price_text(2.5e-07)
    '0.00000025'
    """
    text = repr(price)
    return format(Decimal(text), "f") if "e" in text else text


def _market(row: Row, known: Mapping[tuple[int, Address], Token], now: datetime) -> dict[str, Any]:
    network = network_of(row.chain__chain_id)
    block_time = NEVER_LISTED_BLOCK_TIME if network is None else network.block_time
    return {
        "id": row.id,
        "chain": row.chain__name,
        "chain_id": row.chain__chain_id,
        "chain_key": row.chain_key,
        "quote_token": _ref(row, row.quote_token, known),
        "block": block_of(row),
        "observed_at": row.observed_at,
        "age_seconds": round(max(0.0, (now - row.observed_at).total_seconds()), 3),
        "stale": is_stale(row, block_time=block_time, now=now),
        "base_fee": None if row.base_fee is None else str(row.base_fee),
        "tip": str(row.tip),
        "problem": row.problem,
        "prices": [
            {"token": _ref(row, token, known), "price": price_text(price)}
            for token, price in sorted(row.prices.items())
        ],
    }


def _candle(candle: WideCandle, token: Token) -> dict[str, Any]:
    return {
        "opened_at": moment_text(candle.opened_at),
        "open": price_text(candle.open),
        "high": price_text(candle.high),
        "low": price_text(candle.low),
        "close": price_text(candle.close),
        "volume": amount(candle.volume, token),
        "trades": candle.trades,
    }


def _ref(row: Row, address: str, known: Mapping[tuple[int, Address], Token]) -> dict[str, Any]:
    token = known.get((row.chain__chain_id, Address(address)))
    return {"address": address, "symbol": "?", "decimals": 0} if token is None else _token(token)


def _token(token: Token) -> dict[str, Any]:
    return {"address": token.address, "symbol": token.symbol, "decimals": token.decimals}
