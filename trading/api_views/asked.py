"""What a request may name: chains by name or id, tokens by address or by the symbol of a listed one."""

from django.db.models import Q
from eth_utils.address import to_checksum_address
from rest_framework.request import Request

from api.errors import BadRequest
from api.lists import Filter, Rows
from api.parameters import Parameter, pattern
from chain.errors import ConfigurationError
from chain.networks import Network, find_network
from dex.types import Address, Token
from trading.networks import networks
from trading.selectors import tokens_at
from trading.selectors.markets import usual_chain

CHAIN_HINT = "a chain's name or id"
TOKEN_HINT = "a token's address, or the symbol of a listed one"  # noqa: S105


def chain_parameter(*, required: bool = False) -> Parameter:
    return pattern(r"[A-Za-z0-9_.-]{1,40}", says=CHAIN_HINT, description=CHAIN_HINT, required=required)


def token_parameter(*, required: bool = False) -> Parameter:
    return pattern(r"[A-Za-z0-9_.+$-]{1,42}", says=TOKEN_HINT, description=TOKEN_HINT, required=required)


def asked_network(chain: str | None) -> Network:
    """The network that is named; else the local chain, or with nodes set the one that is followed.

    Raises ``BadRequest`` for ``chain``.
    """
    try:
        return find_network(networks(), _usual_chain() if chain is None else chain)
    except ConfigurationError as error:
        raise BadRequest(str(error), "chain") from error


def asked_token(network: Network, text: str, field: str) -> Token:
    """A token of the network's list or of the registry; raises ``BadRequest`` for ``field``."""
    if text.startswith("0x") and len(text) == len("0x") + 40:
        return _token_at(network, text, field)
    try:
        return network.token(text)
    except ConfigurationError as error:
        raise BadRequest(str(error), field) from error


def _usual_chain() -> str:
    chain = usual_chain()
    if chain is None:
        raise BadRequest(f"name the chain; there are: {', '.join(sorted(networks()))}", "chain")
    return chain


def _token_at(network: Network, text: str, field: str) -> Token:
    try:
        address = Address(to_checksum_address(text))
    except ValueError:
        raise BadRequest(f"{text} is no address", field) from None
    listed = {token.address: token for token in network.tokens}
    token = listed.get(address)
    if token is None:
        token = tokens_at(addresses=[address]).get((network.chain_id, address))
    if token is None:
        raise BadRequest(f"{address} is no token that was ever seen on {network.name}", field)
    return token


def by_chain(prefix: str) -> Filter:
    """Rows whose chain, at ``prefix``, has that name or id; an unknown one has none."""

    def look_up(rows: Rows, chain: str, _: Request) -> Rows:
        named = Q(**{f"{prefix}__name": chain})
        by_id = Q(**{f"{prefix}__chain_id": int(chain)}) if _is_id(chain) else Q()
        return rows.filter(named | by_id)

    return Filter(parameter=chain_parameter(), lookup=look_up)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) < 2**63
