"""The chains that sessions can trade on, and the nodes that are asked about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from chain.networks import Network
from chain.transport import host_of
from trading.networks import networks
from trading.selectors.markets import FOLLOWED, newest_markets
from trading.selectors.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """``block_time`` is seconds, ``block`` and ``seen_at`` are of the newest block that was taken in, None before."""

    name: str
    chain_id: int
    block_time: float
    finality_blocks: int
    quote: str
    native: str
    tokens: Sequence[str]
    exchanges: str
    block: int | None
    seen_at: datetime | None
    is_followed: bool


def known_chains(now: datetime) -> Mapping[str, Any]:
    seen = {market.chain__chain_id: market for market in newest_markets()}
    return {
        "nodes": [shown_node(url) for url in settings.RPC_URLS],
        "known_chains": [_known(network, seen.get(network.chain_id), now) for network in networks().values()],
    }


def shown_node(url: str) -> str:
    """Host and port: what comes before and behind them may be a password or a paid key.

    >>> shown_node("https://user:secret@node.example:8545/v3/key?token=x"), shown_node("http://[")
    ('node.example:8545', 'an address that cannot be read')
    """
    try:
        return host_of(url)
    except ValueError:
        return "an address that cannot be read"


def _known(network: Network, market: Row | None, now: datetime) -> Known:
    versions = [name for name, deployed in (("Uniswap V2", network.v2), ("Uniswap V3", network.v3)) if deployed]
    return Known(
        name=network.name,
        chain_id=network.chain_id,
        block_time=network.block_time,
        finality_blocks=network.finality_blocks,
        quote=network.token(network.quote_token).symbol,
        native=network.native_symbol,
        tokens=[token.symbol for token in network.tokens],
        exchanges=" and ".join(versions),
        block=None if market is None else market.head_number,
        seen_at=None if market is None else market.observed_at,
        is_followed=market is not None and now - market.observed_at < FOLLOWED,
    )
