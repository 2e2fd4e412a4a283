import asyncio
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.amounts import AMOUNT_PATTERN, AmountSchema, amount, parse_amount
from api.errors import ApiError, BadRequest
from api.parameters import pattern
from api.permissions import ReadScope
from api.views import ApiView
from chain.devnet.endpoint import running_url
from chain.networks import Network
from dex.amounts import AmountError
from dex.market.pools import Protocol
from dex.types import Token
from trading.api_views.asked import asked_network, asked_token, chain_parameter, token_parameter
from trading.quotes import HeadQuote, QuoteRequest, quote_at_head
from trading.selectors import pools_between
from trading.selectors.markets import LOCAL_CHAIN

QUOTE_SECONDS = 4.5


class QuoteHopSchema(serializers.Serializer[Any]):
    """One pool on the way. ``fee_pips`` is parts per million of what goes in."""

    pool = serializers.CharField()
    protocol = serializers.ChoiceField(choices=[protocol.value for protocol in Protocol])
    token_in = serializers.CharField()
    token_out = serializers.CharField()
    fee_pips = serializers.IntegerField()


class QuoteBlockSchema(serializers.Serializer[Any]):
    """The block that the quote is exact for; ``timestamp`` is unix seconds."""

    number = serializers.IntegerField()
    hash = serializers.CharField()
    timestamp = serializers.IntegerField()


class QuoteSchema(serializers.Serializer[Any]):
    """What a swap pays that comes first in the block after ``block``, gas apart."""

    chain = serializers.CharField()
    amount_in = AmountSchema()
    amount_out = AmountSchema()
    path = QuoteHopSchema(many=True)
    block = QuoteBlockSchema()


class QuoteApi(ApiView):
    waits_for_others = True
    permission_classes = [ReadScope]
    parameters = {
        "chain": chain_parameter(),
        "token_in": token_parameter(required=True),
        "token_out": token_parameter(required=True),
        "amount": pattern(
            AMOUNT_PATTERN.strip("^$"), says="plain decimal digits", description="whole tokens of token_in, exact"
        ),
        "amount_raw": pattern(r"[0-9]{1,78}", says="plain digits", description="base units of token_in"),
    }

    @extend_schema(operation_id="quote_read", summary="What a swap would pay now", responses=QuoteSchema)
    def get(self, request: Request) -> Response:
        network = asked_network(self.query["chain"])
        token_in = asked_token(network, self.query["token_in"], "token_in")
        token_out = asked_token(network, self.query["token_out"], "token_out")
        if token_in == token_out:
            raise BadRequest("a token is not swapped for itself", "token_out")
        listed = {token.address for token in network.tokens} | {token_in.address, token_out.address}
        wanted = QuoteRequest(
            network=network,
            token_in=token_in,
            token_out=token_out,
            amount_in=self._amount(token_in),
            pools=pools_between(chain_id=network.chain_id, tokens=listed),
        )
        found = asyncio.run(quote_at_head(_node_urls(network), wanted, seconds=QUOTE_SECONDS))
        return Response(_shape(found, wanted))

    def _amount(self, token: Token) -> int:
        text, raw = self.query["amount"], self.query["amount_raw"]
        if (text is None) == (raw is None):
            raise BadRequest("give one of amount and amount_raw", "amount")
        try:
            value = parse_amount(text, token) if raw is None else int(raw)
        except AmountError as error:
            raise BadRequest(str(error), "amount") from error
        if not 0 < value < 2**256:
            raise BadRequest("more than nothing, and less than 2^256 base units", "amount")
        return value


def _node_urls(network: Network) -> list[str]:
    """The nodes that are set, else the local chain where one runs."""
    if settings.RPC_URLS:
        return list(settings.RPC_URLS)
    url = running_url(settings.VAR_DIR / LOCAL_CHAIN) if network.name == LOCAL_CHAIN else None
    if url is None:
        raise ApiError(
            503, "node_unavailable", f"no node of {network.name}: RPC_URL names none, and no local chain runs"
        )
    return [url]


def _shape(found: HeadQuote, wanted: QuoteRequest) -> dict[str, Any]:
    return {
        "chain": wanted.network.name,
        "amount_in": amount(wanted.amount_in, wanted.token_in),
        "amount_out": amount(found.quote.amount_out, wanted.token_out),
        "path": [
            {
                "pool": hop.pool,
                "protocol": hop.protocol.value,
                "token_in": hop.token_in,
                "token_out": hop.token_out,
                "fee_pips": hop.fee_pips,
            }
            for hop in found.quote.path.hops
        ],
        "block": {"number": found.block.number, "hash": found.block.hash, "timestamp": found.block.timestamp},
    }
