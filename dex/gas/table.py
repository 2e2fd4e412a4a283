"""Upper bounds of a swap's gas, for nodes that cannot execute a call for us."""

from dex.market.pools import Protocol
from dex.routing.plan import Path

# Router entry with its two token transfers and first-time storage writes, then each pool on the way. Chosen above what
# `tests/dex/gas/test_table.py` measures on the official contracts, so that a fill is never cheaper than the chain's.
BASE_UNITS = {Protocol.V2: 90_000, Protocol.V3: 120_000}
HOP_UNITS = {Protocol.V2: 90_000, Protocol.V3: 150_000}


def swap_gas_bound(path: Path) -> int:
    """Gas units that a swap over ``path`` stays under while it crosses few ticks."""
    return BASE_UNITS[path.protocol] + HOP_UNITS[path.protocol] * len(path.hops)
