"""From a chosen path to a router call that is ready to send. Pure: values in, values out."""

from math import ceil

from chain.calldata import encode_swap
from chain.networks import Network
from dex.gas.policy import FeeCaps
from dex.routing.plan import Path, SwapPlan
from dex.types import BPS_ONE, Address, BlockRef
from trading.errors import NothingToReceive

MARGIN_BLOCKS = 2
"""Block times that a deadline allows for slots without a block; Ethereum misses about one slot in a hundred."""

MARGIN_SECONDS = 1
"""What whole-second timestamps can hide of a block time below a second."""


def plan_swap(
    *,
    network: Network,
    path: Path,
    sender: Address,
    amount_in: int,
    quoted_out: int,
    tolerance_bps: int,
    patience_blocks: int,
    caps: FeeCaps,
    head: BlockRef,
) -> SwapPlan:
    """The plan that swaps ``amount_in`` over ``path`` for at least ``quoted_out`` less ``tolerance_bps``, rounded down.

    Raises ``NothingToReceive`` when that minimum is 0, ``ConfigurationError`` when the network has no router for the
    path's protocol, and ``ValueError`` for a tolerance or patience below 0.
    """
    if tolerance_bps < 0 or patience_blocks < 0:
        raise ValueError("tolerance and patience cannot be negative")
    minimum_out = quoted_out * (BPS_ONE - tolerance_bps) // BPS_ONE
    if minimum_out <= 0:
        raise NothingToReceive(f"{quoted_out} less {tolerance_bps} bps leaves no minimum to insist on")
    deadline = deadline_after(head, patience_blocks, network.block_time)
    return SwapPlan(
        chain_id=network.chain_id,
        sender=sender,
        router=network.router(path.protocol),
        calldata=encode_swap(path, recipient=sender, amount_in=amount_in, minimum_out=minimum_out, deadline=deadline),
        token_in=path.tokens[0],
        token_out=path.tokens[-1],
        amount_in=amount_in,
        quoted_out=quoted_out,
        minimum_out=minimum_out,
        path=path,
        deadline=deadline,
        max_fee_per_gas=caps.max_fee_per_gas,
        max_priority_fee_per_gas=caps.max_priority_fee_per_gas,
        decided_at=head,
    )


def deadline_after(head: BlockRef, patience_blocks: int, block_time: float) -> int:
    """Unix seconds until which one of the next ``patience_blocks + 1`` blocks may include the swap.

    That many block times after ``head``, and ``MARGIN_BLOCKS`` block times and ``MARGIN_SECONDS`` more, so that a
    missed slot does not expire an order that the fee cap still covers.
    """
    return head.timestamp + ceil((patience_blocks + 1) * block_time) + ceil(MARGIN_BLOCKS * block_time) + MARGIN_SECONDS
