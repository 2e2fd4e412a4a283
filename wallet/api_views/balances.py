import asyncio
from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.amounts import amount
from api.errors import BadRequest
from api.parameters import pattern
from api.permissions import ReadScope
from api.views import ApiView
from chain.errors import ConfigurationError
from chain.networks import Network, find_network
from wallet.api_views.shapes import WalletBalancesSchema
from wallet.balances import Holdings, balances_at_head
from wallet.networks import login_networks
from wallet.nodes import node_urls
from wallet.selectors.wallets import wallet_of

SECONDS = 4.5
CHAIN_HINT = "a chain's name or id"


class BalancesApi(ApiView):
    waits_for_others = True
    permission_classes = [ReadScope]
    parameters = {"chain": pattern(r"[A-Za-z0-9_.-]{1,40}", says=CHAIN_HINT, description=CHAIN_HINT)}

    @extend_schema(
        operation_id="wallets_balances",
        summary="What the address holds on the chain now, as its node says",
        responses=WalletBalancesSchema,
    )
    def get(self, request: Request, pk: int) -> Response:
        wallet = wallet_of(user=cast(User, request.user), wallet_id=pk)
        networks = _networks(self.query["chain"])
        found = asyncio.run(balances_at_head(node_urls(networks.values()), networks, wallet.address, seconds=SECONDS))
        return Response(_shape(wallet.address, found))


def _networks(chain: str | None) -> Mapping[int, Network]:
    """The one that is named; else the one that the node serves will do."""
    known = login_networks()
    if chain is None:
        return known
    try:
        network = find_network({one.name: one for one in known.values()}, chain)
    except ConfigurationError as error:
        raise BadRequest(str(error), "chain") from error
    return {network.chain_id: network}


def _shape(address: str, found: Holdings) -> dict[str, Any]:
    return {
        "chain": found.network.name,
        "address": address,
        "block": {"number": found.block.number, "hash": found.block.hash, "timestamp": found.block.timestamp},
        "balances": [amount(value, token) for token, value in found.held],
        "unreadable": [token.symbol for token in found.unreadable],
    }
