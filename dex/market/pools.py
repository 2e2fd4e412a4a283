"""What is fixed about a pool, beside its state."""

from dataclasses import dataclass
from enum import StrEnum

from dex.types import Address


class Protocol(StrEnum):
    """Which contract a pool is: decides its model, its events and its router."""

    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolInfo:
    """``fee_pips`` is the fee at load; ``tick_spacing`` is None for V2."""

    address: Address
    protocol: Protocol
    token0: Address
    token1: Address
    fee_pips: int
    tick_spacing: int | None
