"""Value types that every layer shares.

Token amounts are plain ``int`` base units; an amount's token is named by the field that holds it.
"""

from dataclasses import dataclass
from typing import NewType

Address = NewType("Address", str)
"""An EIP-55 checksummed address."""

Wei = NewType("Wei", int)
"""Base units of the chain's native token."""

Bps = NewType("Bps", int)
"""Hundredths of a percent, for tolerances and edges."""

BPS_ONE = 10_000
PIPS_ONE = 1_000_000
"""Pool fees are parts per million, as Uniswap V3 has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An ERC-20 token as its contract describes itself; ``symbol`` is hostile text, cleaned for display only."""

    chain_id: int
    address: Address
    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRef:
    """One block, named so that it can be found again.

    ``hash`` and ``parent_hash`` are 0x-prefixed 32-byte hex. ``base_fee_per_gas`` is wei, or None where the source has
    no fee data (a recording). ``gas_used`` and ``gas_limit`` are None likewise.
    """

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee_per_gas: int | None
    gas_used: int | None = None
    gas_limit: int | None = None
