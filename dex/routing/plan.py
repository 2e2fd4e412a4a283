"""A path over pools and the plan that a router call carries out. Values only."""

from dataclasses import dataclass, field
from typing import Any

from dex.market.pools import Protocol
from dex.types import Address, BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    pool: Address
    protocol: Protocol
    token_in: Address
    token_out: Address
    fee_pips: int
    zero_for_one: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Pools sort their tokens by address, so the direction follows from the pair.
        object.__setattr__(self, "zero_for_one", int(self.token_in, 16) < int(self.token_out, 16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One or more hops of one protocol: a single router call cannot mix V2 and V3."""

    hops: tuple[Hop, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.hops))  # paths are looked up more often than they are made

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return _path, (self.hops,)  # another process hashes texts differently

    @property
    def protocol(self) -> Protocol:
        return self.hops[0].protocol

    @property
    def tokens(self) -> tuple[Address, ...]:
        return (self.hops[0].token_in, *(hop.token_out for hop in self.hops))

    @property
    def pools(self) -> frozenset[Address]:
        return frozenset(hop.pool for hop in self.hops)


def _path(hops: tuple[Hop, ...]) -> Path:
    return Path(hops=hops)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapPlan:
    """An exact-input swap, ready to send.

    ``sender`` pays ``amount_in`` of ``token_in`` and receives ``token_out``. ``quoted_out`` is the exact model quote at
    ``decided_at``; under ``minimum_out`` the router reverts. ``deadline`` is unix seconds. Fees are wei per gas.
    """

    chain_id: int
    sender: Address
    router: Address
    calldata: bytes
    token_in: Address
    token_out: Address
    amount_in: int
    quoted_out: int
    minimum_out: int
    path: Path
    deadline: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int
    decided_at: BlockRef
