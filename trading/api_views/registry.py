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

from api.lists import Filter, ListApi, Rows
from api.parameters import address, choice, line
from api.permissions import ReadScope
from api.schema import page_of
from api.views import ApiView
from chain.networks import Network
from dex.market.pools import Protocol
from trading.api_views.asked import by_chain, token_parameter
from trading.models import Market, Pool, Token
from trading.networks import network_of, networks
from trading.selectors.markets import is_stale, newest_markets


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
        seen = {market.chain.chain_id: market for market in newest_markets()}
        rows = [_chain(network, seen.get(network.chain_id)) for network in networks().values()]
        return Response({"next": None, "previous": None, "results": rows})


class TokensApi(ListApi):
    permission_classes = [ReadScope]
    operation = "tokens_list"
    summary = "Tokens that were ever seen"
    row = TokenSchema
    filters = {
        "chain": by_chain("chain"),
        "symbol": Filter(parameter=line(longest=40), lookup="symbol__iexact"),
        "address": Filter(parameter=address(), lookup=lambda rows, text, _: rows.filter(address=_checksum(text))),
    }
    orderings = {"id": "id", "symbol": "symbol", "address": "address"}
    default_ordering = "id"
    csv_name = "tokens"

    def queryset(self, request: Request) -> Rows:
        return Token.objects.select_related("chain")

    def shape(self, rows: Sequence[Token]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.pk,
                "chain": row.chain.name,
                "chain_id": row.chain.chain_id,
                **token_ref(row),
                **_standing(network_of(row.chain.chain_id), row.address),
            }
            for row in rows
        ]


class PoolsApi(ListApi):
    permission_classes = [ReadScope]
    operation = "pools_list"
    summary = "Pools that were ever seen"
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

    def queryset(self, request: Request) -> Rows:
        return Pool.objects.select_related("chain", "token0", "token1")

    def shape(self, rows: Sequence[Pool]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.pk,
                "chain": row.chain.name,
                "chain_id": row.chain.chain_id,
                "address": row.address,
                "protocol": row.protocol,
                "token0": token_ref(row.token0),
                "token1": token_ref(row.token1),
                "fee_pips": row.fee_pips,
                "tick_spacing": row.tick_spacing,
            }
            for row in rows
        ]


def token_ref(token: Token) -> dict[str, Any]:
    return {"address": token.address, "symbol": token.symbol, "decimals": token.decimals}


def block_of(market: Market) -> dict[str, Any]:
    return {"number": market.head_number, "hash": market.head_hash, "time": market.head_time}


def _chain(network: Network, market: Market | None) -> dict[str, Any]:
    quote = network.token(network.quote_token)
    now = timezone.now()
    return {
        "name": network.name,
        "chain_id": network.chain_id,
        "block_time": network.block_time,
        "native_symbol": network.native_symbol,
        "quote_token": {"address": quote.address, "symbol": quote.symbol, "decimals": quote.decimals},
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
