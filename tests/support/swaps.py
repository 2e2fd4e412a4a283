"""Router calls on a small market, for real accounts and for ones that exist on paper only."""

from collections.abc import Sequence
from itertools import pairwise

from chain.calldata import encode_swap
from chain.hexes import checksum
from chain.source import SwapCall
from dex.market.pools import Protocol
from dex.routing.plan import Hop, Path
from dex.types import Address
from tests.support.small_market import SmallMarket

NOWHERE = Address("0x" + "0" * 40)
PAPER = checksum("0x" + "9a9e" * 10)
"""An account that the chain has never seen."""


def path_of(market: SmallMarket, protocol: Protocol, tokens: Sequence[Address]) -> Path:
    """Over the small market's pools: WETH/USD at 0.3 %, ALT/WETH at 0.05 % on V3; any other pair is V2's."""
    fees = {market.usd: 3000, market.alt: 500 if protocol is Protocol.V3 else 3000}
    return Path(
        hops=tuple(
            Hop(
                pool=NOWHERE,
                protocol=protocol,
                token_in=token_in,
                token_out=token_out,
                fee_pips=next((fee for token, fee in fees.items() if token in (token_in, token_out)), 3000),
            )
            for token_in, token_out in pairwise(tokens)
        )
    )


def router_of(market: SmallMarket, protocol: Protocol) -> Address:
    return market.network.v2[0].router if protocol is Protocol.V2 else market.network.v3[0].router


def swap_call(
    market: SmallMarket,
    path: Path,
    *,
    sender: Address = PAPER,
    amount_in: int,
    held_in: int | None = None,
    held_out: int = 0,
    minimum_out: int = 0,
    deadline: int = 2**40,
) -> SwapCall:
    """A swap of ``amount_in``; ``held_in`` is as much unless given."""
    token_in, token_out = path.tokens[0], path.tokens[-1]
    return SwapCall(
        sender=sender,
        to=router_of(market, path.protocol),
        data=encode_swap(path, recipient=sender, amount_in=amount_in, minimum_out=minimum_out, deadline=deadline),
        token_in=token_in,
        token_out=token_out,
        amount_in=amount_in,
        balances={token_in: amount_in if held_in is None else held_in, token_out: held_out},
        native_balance=10**18,
    )
