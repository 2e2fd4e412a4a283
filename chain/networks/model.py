"""One chain as a session sees it: its clock, its exchanges and the tokens that may be bought on it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from chain.errors import ConfigurationError
from dex.market.pools import Protocol
from dex.types import Address, Token


class L1Fee(StrEnum):
    """Which data fee a rollup charges beside execution gas."""

    NONE = "none"
    OP = "op"


@dataclass(frozen=True, slots=True, kw_only=True)
class V2Deployment:
    """``fee_pips`` is fixed in the code of the factory's pairs; no event or call tells it."""

    factory: Address
    router: Address
    fee_pips: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Deployment:
    factory: Address
    router: Address
    fee_tiers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockClock:
    """Turns block numbers into unix times where blocks come at a fixed pace; a recording has no times of its own."""

    first_block: int
    first_timestamp: int
    block_time: float

    def timestamp(self, number: int) -> int:
        return self.first_timestamp + int((number - self.first_block) * self.block_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One chain. ``block_time`` is seconds; ``tokens`` are the only ones that a bot may buy.

    ``v2`` and ``v3`` hold at most one deployment each: a path names its pools but no factory, so with two of them it
    could reach the wrong router.
    """

    name: str
    chain_id: int
    block_time: float
    finality_blocks: int
    l1_fee: L1Fee
    native_symbol: str
    wrapped_native: Address
    quote_token: Address
    tokens: tuple[Token, ...]
    v2: tuple[V2Deployment, ...]
    v3: tuple[V3Deployment, ...]
    clock: BlockClock | None

    @property
    def factories(self) -> frozenset[Address]:
        return frozenset([v2.factory for v2 in self.v2] + [v3.factory for v3 in self.v3])

    def router(self, protocol: Protocol) -> Address:
        """The router for paths of ``protocol``; raises ``ConfigurationError`` where the chain has none."""
        deployments = self.v2 if protocol is Protocol.V2 else self.v3
        if not deployments:
            raise ConfigurationError(f"{self.name} has no {protocol} exchange")
        return deployments[0].router

    def token(self, address_or_symbol: str) -> Token:
        """The listed token of that address or symbol, in any case.

        Raises ``ConfigurationError`` listing what there is.
        """
        wanted = address_or_symbol.lower()
        for token in self.tokens:
            if wanted in (token.address.lower(), token.symbol.lower()):
                return token
        symbols = ", ".join(token.symbol for token in self.tokens)
        raise ConfigurationError(f"unknown token {address_or_symbol!r} on {self.name}; there are: {symbols}")

    def with_tokens(self, tokens: Iterable[Token], *, quote_token: Address) -> "Network":
        """The same chain with another list of tokens."""
        return replace(self, tokens=tuple(tokens), quote_token=quote_token)
