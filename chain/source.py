"""Where market data comes from: a node or a recording, behind one interface."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.market.events import BlockUpdate
from dex.market.pools import PoolInfo
from dex.types import Address, BlockRef, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketStart:
    """The state of every known pool at the end of ``block``, from which updates follow without a gap."""

    block: BlockRef
    tokens: Mapping[Address, Token]
    pools: Mapping[Address, PoolInfo]
    states: Mapping[Address, ConstantProductPool | ConcentratedPool]


class GasSource(StrEnum):
    """How the gas of a fill was found; the receipt carries it."""

    SIMULATED = "simulated"  # eth_simulateV1: what the node's execution used
    TRACED = "traced"  # debug_traceCall: likewise
    ESTIMATED = "estimated"  # eth_estimateGas: a limit, some 15 % higher
    TABLED = "tabled"  # the node executes nothing for us: an upper bound from a table
    UNRECORDED = "unrecorded"  # a recording without fee data: nothing is charged


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapCall:
    """A router call of an account that exists on paper only: its true balances are laid over the chain's state.

    ``balances`` are the account's token balances in base units and ``native_balance`` is wei. ``spender`` is allowed
    exactly ``amount_in`` of ``token_in``.
    """

    sender: Address
    to: Address
    data: bytes
    token_in: Address
    token_out: Address
    amount_in: int
    balances: Mapping[Address, int]
    native_balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """What a node says that a call would have done on top of a block.

    ``amount_out`` is the sender's gain of ``token_out`` in base units, read from its balance before and after, so that
    a token's tax shows; ``revert_reason`` is set exactly when the call reverted and ``amount_out`` is then 0.
    ``amount_in`` is what left the sender. ``l1_fee`` is the L2 data fee in wei, 0 where the chain has none.
    """

    amount_in: int
    amount_out: int
    gas_used: int
    gas_source: GasSource
    l1_fee: int
    revert_reason: str | None


class ExecutionWitness(Protocol):
    """Executes a call on top of the end of a block, on the chain's own code.

    Raises ``chain.errors.OverridesUnsupported`` where the node cannot, ``SlotNotFound`` where a token's storage cannot
    be laid over, ``Retryable`` where it may later.
    """

    async def execute(self, call: SwapCall, block: BlockRef) -> CallOutcome: ...

    async def l1_fee(self, call: SwapCall, block: BlockRef) -> int:
        """Wei that a rollup charges for the call's data, 0 elsewhere; needs no overrides. Raises ``Retryable``."""
        ...


class MarketSource(Protocol):
    """A node or a recording. ``witness`` is None where only the model can judge a fill."""

    @property
    def chain_id(self) -> int: ...

    @property
    def witness(self) -> ExecutionWitness | None: ...

    async def head(self) -> BlockRef | None:
        """The newest block; None for a recording, all of whose blocks are still to come."""
        ...

    async def suggested_tip(self) -> int:
        """Wei per gas that the node thinks a transaction should offer its block's producer; 0 in a recording."""
        ...

    async def start(self, at_block: int | None = None) -> MarketStart:
        """State at the head, or at ``at_block`` when resuming; raises ``Retryable`` or ``HaltSession``."""
        ...

    def updates(self) -> AsyncIterator[BlockUpdate]:
        """Every block after the start's, in order and without gaps, for as long as the source lives."""
        ...

    async def close(self) -> None: ...
