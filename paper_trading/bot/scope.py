"""What a session trades on: one network instance, one quote token, a list of tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

from chain.networks import Network
from dex.types import Address, Token

STALE_BLOCKS = 3
"""A head older than this many block times is stale (design, section 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingScope:
    """``chain_key`` names the instance of the chain. ``live`` is False for a recording, which has no fees and no node.

    ``dollar_quote`` says whether the quote token is the network's dollar, so that dollar limits can be applied as they
    stand. Only ``watched`` tokens are bought; others that the account holds are still sold. ``deposits`` open a new
    account, in base units by token address.
    """

    network: Network
    chain_key: str
    quote: Token
    watched: tuple[Token, ...]
    live: bool
    dollar_quote: bool
    deposits: Mapping[Address, int]

    @property
    def listed(self) -> tuple[Token, ...]:
        """Every token that could be held: a position outlives a run that watched more tokens than the next one."""
        return tuple(token for token in self.network.tokens if token.address != self.quote.address)

    @property
    def stale_seconds(self) -> float:
        return STALE_BLOCKS * self.network.block_time
