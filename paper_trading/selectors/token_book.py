"""What the tokens of an answer are called and how they divide, asked for in one query."""

from collections.abc import Iterable, Set
from typing import Self

from django.db.models import Q

from dex.types import Address, Token
from paper_trading.tokens import NATIVE
from trading.models import Token as TokenRow
from trading.networks import network_of

NATIVE_DECIMALS = 18
UNKNOWN = "?"


class TokenBook:
    """Tokens by chain id and address, of the network files and the registry, as far as ``load`` was told of them.

    One that nobody knows has no decimals, so that its amounts stay whole base units.
    """

    def __init__(self) -> None:
        self._tokens: dict[tuple[int, str], Token] = {}
        self._chains: set[int] = set()

    def load(self, wanted: Iterable[tuple[int, str]]) -> Self:
        """Know every (chain id, address) of ``wanted``; one query at most, none where the network files suffice."""
        asked = set(wanted)
        for chain_id in {chain_id for chain_id, _ in asked} - self._chains:
            self._list(chain_id)
        if missing := asked - self._tokens.keys():
            self._look_up(missing)
        return self

    def token(self, chain_id: int, address: str) -> Token:
        known = self._tokens.get((chain_id, address))
        return _unknown(chain_id, address) if known is None else known

    def _list(self, chain_id: int) -> None:
        self._chains.add(chain_id)
        network = network_of(chain_id)
        symbol = UNKNOWN if network is None else network.native_symbol
        self._tokens[chain_id, NATIVE] = _token(chain_id, NATIVE, symbol, NATIVE_DECIMALS)
        for token in () if network is None else network.tokens:
            self._tokens[chain_id, token.address] = token

    def _look_up(self, missing: Set[tuple[int, str]]) -> None:
        which = Q()
        for chain_id in {chain_id for chain_id, _ in missing}:
            which |= Q(chain__chain_id=chain_id, address__in=[token for chain, token in missing if chain == chain_id])
        for row in TokenRow.objects.filter(which).select_related("chain"):
            key = (row.chain.chain_id, row.address)
            self._tokens[key] = _token(*key, row.symbol, row.decimals)
        for key in missing - self._tokens.keys():
            self._tokens[key] = _unknown(*key)


def _unknown(chain_id: int, address: str) -> Token:
    return _token(chain_id, address, UNKNOWN, 0)


def _token(chain_id: int, address: str, symbol: str, decimals: int) -> Token:
    return Token(chain_id=chain_id, address=Address(address), symbol=symbol, decimals=decimals)
