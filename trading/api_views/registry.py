"""Chains, tokens and pools: what there is to trade."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from eth_utils.address import to_checksum_address
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.lists import Filter, ListApi
from api.parameters import address, choice, line
from api.permissions import ReadScope
from api.schema import page_of
from api.views import ApiView
from chain.networks import Network
from dex.market.pools import Protocol
from trading.api_views.asked import by_chain, token_parameter
from trading.networks import network_of, networks
from trading.selectors.markets import is_stale, newest_markets
from trading.selectors.rows import Row, pool_rows, token_rows


class MarketTokenSchema(serializers.Serializer[Any]):
    """A token by address, with what it is called."""

    address = serializers.CharField()
    symbol = serializers.CharField()
    decimals = serializers.IntegerField()


class BlockSchema(serializers.Serializer[Any]):
    """A block of the chain; ``time`` is the block's own."""

    number = serializers.IntegerField()
    hash = serializers.CharField()
    time = serializers.DateTimeField()


class ChainSchema(serializers.Serializer[Any]):
    """A chain that can be traded on. ``head`` is the last block that was followed, ``live`` whether it still is."""

    name = serializers.CharField()
    chain_id = serializers.IntegerField()
    block_time = serializers.FloatField(help_text="seconds")
    native_symbol = serializers.CharField()
    quote_token = MarketTokenSchema()
    live = serializers.BooleanField()
    head = BlockSchema(allow_null=True)


class TokenSchema(serializers.Serializer[Any]):
    """A token that was ever seen; ``listed`` where a bot may buy it."""

    id = serializers.IntegerField()
    chain = serializers.CharField()
    chain_id = serializers.IntegerField()
    address = serializers.CharField()
    symbol = serializers.CharField()
    decimals = serializers.IntegerField()
    listed = serializers.BooleanField()
    quote = serializers.BooleanField(help_text="what prices and worths are told in")


class PoolSchema(serializers.Serializer[Any]):
    """A pool that was ever seen. ``fee_pips`` is parts per million, ``tick_spacing`` null for V2."""

    id = serializers.IntegerField()
    chain = serializers.CharField()
    chain_id = serializers.IntegerField()
    address = serializers.CharField()
    protocol = serializers.ChoiceField(choices=[protocol.value for protocol in Protocol])
    token0 = MarketTokenSchema()
    token1 = MarketTokenSchema()
    fee_pips = serializers.IntegerField()
    tick_spacing = serializers.IntegerField(allow_null=True)


class ChainsApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="chains_list", summary="Chains that can be traded on", responses=page_of(ChainSchema))
    def get(self, request: Request) -> Response:
        seen = {market.chain__chain_id: market for market in newest_markets()}
        rows = [_chain(network, seen.get(network.chain_id)) for network in networks().values()]
        return Response({"next": None, "previous": None, "results": rows})


class TokensApi(ListApi):
    permission_classes = [ReadScope]
    operation = "tokens_list"
    summary = "Tokens that were ever seen"
    rows = token_rows
    row = TokenSchema
    filters = {
        "chain": by_chain("chain"),
        "symbol": Filter(parameter=line(longest=40), lookup="symbol__iexact"),
        "address": Filter(parameter=address(), lookup=lambda rows, text, _: rows.filter(address=_checksum(text))),
    }
    orderings = {"id": "id", "symbol": "symbol", "address": "address"}
    default_ordering = "id"
    csv_name = "tokens"

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.id,
                "chain": row.chain__name,
                "chain_id": row.chain__chain_id,
                "address": row.address,
                "symbol": row.symbol,
                "decimals": row.decimals,
                **_standing(network_of(row.chain__chain_id), row.address),
            }
            for row in rows
        ]


class PoolsApi(ListApi):
    permission_classes = [ReadScope]
    operation = "pools_list"
    summary = "Pools that were ever seen"
    rows = pool_rows
    row = PoolSchema
    filters = {
        "chain": by_chain("chain"),
        "token": Filter(parameter=token_parameter(), lookup=lambda rows, text, _: rows.filter(_of_token(text))),
        "protocol": Filter(parameter=choice(protocol.value for protocol in Protocol), lookup="protocol"),
        "address": Filter(parameter=address(), lookup=lambda rows, text, _: rows.filter(address=_checksum(text))),
    }
    orderings = {"id": "id", "address": "address", "fee_pips": "fee_pips"}
    default_ordering = "id"
    csv_name = "pools"

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.id,
                "chain": row.chain__name,
                "chain_id": row.chain__chain_id,
                "address": row.address,
                "protocol": row.protocol,
                "token0": _token_ref(row.token0__address, row.token0__symbol, row.token0__decimals),
                "token1": _token_ref(row.token1__address, row.token1__symbol, row.token1__decimals),
                "fee_pips": row.fee_pips,
                "tick_spacing": row.tick_spacing,
            }
            for row in rows
        ]


def _token_ref(address: str, symbol: str, decimals: int) -> dict[str, Any]:
    return {"address": address, "symbol": symbol, "decimals": decimals}


def block_of(market: Row) -> dict[str, Any]:
    return {"number": market.head_number, "hash": market.head_hash, "time": market.head_time}


def _chain(network: Network, market: Row | None) -> dict[str, Any]:
    quote = network.token(network.quote_token)
    now = timezone.now()
    return {
        "name": network.name,
        "chain_id": network.chain_id,
        "block_time": network.block_time,
        "native_symbol": network.native_symbol,
        "quote_token": _token_ref(quote.address, quote.symbol, quote.decimals),
        "live": market is not None and not is_stale(market, block_time=network.block_time, now=now),
        "head": None if market is None else block_of(market),
    }


def _standing(network: Network | None, token: str) -> dict[str, bool]:
    if network is None:
        return {"listed": False, "quote": False}
    return {"listed": any(token == one.address for one in network.tokens), "quote": token == network.quote_token}


def _of_token(text: str) -> Q:
    if text.startswith("0x"):
        return Q(token0__address=_checksum(text)) | Q(token1__address=_checksum(text))
    return Q(token0__symbol__iexact=text) | Q(token1__symbol__iexact=text)


def _checksum(text: str) -> str:
    try:
        return to_checksum_address(text)
    except ValueError:
        return text
