"""Filters that several lists share. One that names an object is answered with 404 where that is not the user's."""

import re

from eth_utils.address import to_checksum_address
from rest_framework.request import Request

from api.lists import Filter, Rows
from api.parameters import Parameter, choice, flag, whole
from chain.networks import find_network
from paper_trading.api_views.find import require, user_of
from paper_trading.selectors import owned
from paper_trading.tokens import NATIVE
from trading.networks import networks

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
MOST_TOKEN = 42


def tokens_named(text: str) -> list[str]:
    """The addresses that ``text`` may mean: itself, or every listed token of that symbol; ``ValueError`` for none."""
    if ADDRESS.fullmatch(text) is not None:
        return [to_checksum_address(text)]
    wanted, found = text.lower(), set()
    for network in networks().values():
        found |= {token.address for token in network.tokens if token.symbol.lower() == wanted}
        if network.native_symbol.lower() == wanted:
            found.add(NATIVE)
    if not found:
        raise ValueError("an address (0x and 40 hex digits) or the symbol of a listed token")
    return sorted(found)


def chain_named(text: str) -> int:
    """A chain id from a network's name or number; ``ValueError`` listing what there is."""
    known = networks()
    if text not in {name for network in known.values() for name in (network.name, str(network.chain_id))}:
        raise ValueError(f"one of {', '.join(sorted(known))}")
    return find_network(known, text).chain_id


TOKEN = Parameter(
    parse=tokens_named,
    schema={"type": "string", "minLength": 1, "maxLength": MOST_TOKEN},
    description="a token's address, or the symbol of a listed one",
)
CHAIN = Parameter(
    parse=chain_named,
    schema={"type": "string", "minLength": 1, "maxLength": 40},
    description="a chain's name or id",
)


def of_session(column: str = "session") -> Filter:
    def only(rows: Rows, value: int, request: Request) -> Rows:
        require(owned.sessions, user_of(request).pk, value)
        return rows.filter(**{column: value})

    return Filter(parameter=whole(minimum=1, description="the session's id"), lookup=only)


def of_account(column: str = "account") -> Filter:
    def only(rows: Rows, value: int, request: Request) -> Rows:
        require(owned.accounts, user_of(request).pk, value)
        return rows.filter(**{column: value})

    return Filter(parameter=whole(minimum=1, description="the account's id"), lookup=only)


def blocks(column: str) -> dict[str, Filter]:
    """``from_block`` and ``to_block``, both included."""
    return {
        "from_block": Filter(parameter=whole(description="first block"), lookup=f"{column}__gte"),
        "to_block": Filter(parameter=whole(description="last block"), lookup=f"{column}__lte"),
    }


def one_of(column: str, values: list[str], description: str = "") -> Filter:
    return Filter(parameter=choice(values, description=description), lookup=column)


def present(column: str, description: str) -> Filter:
    """Whether a column that may be null holds something."""

    def only(rows: Rows, value: bool, request: Request) -> Rows:
        return rows.filter(**{f"{column}__isnull": not value})

    return Filter(parameter=flag(description=description), lookup=only)
