"""Short ways to write pools and paths."""

from itertools import pairwise

from dex.market.pools import PoolInfo, Protocol
from dex.routing.plan import Hop, Path
from dex.types import Address


def address(number: int) -> Address:
    """A digits-only address, which is its own checksum."""
    return Address(f"0x{number:040d}")


def pool_info(number: int, token0: Address, token1: Address, *, protocol: Protocol = Protocol.V2) -> PoolInfo:
    return PoolInfo(
        address=address(number),
        protocol=protocol,
        token0=token0,
        token1=token1,
        fee_pips=3000,
        tick_spacing=60 if protocol is Protocol.V3 else None,
    )


def path_over(protocol: Protocol, *tokens: Address, fees: tuple[int, ...] | None = None) -> Path:
    """A path through ``tokens``; its pools are numbered from 900."""
    steps = pairwise(tokens)
    return Path(
        hops=tuple(
            Hop(
                pool=address(900 + i),
                protocol=protocol,
                token_in=token_in,
                token_out=token_out,
                fee_pips=3000 if fees is None else fees[i],
            )
            for i, (token_in, token_out) in enumerate(steps)
        )
    )
