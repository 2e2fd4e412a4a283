"""Which block takes a pending order."""

from enum import Enum, auto

from dex.routing.plan import SwapPlan
from dex.types import BlockRef


class Inclusion(Enum):
    INCLUDED = auto()
    WAITS = auto()
    EXPIRED = auto()


def inclusion(plan: SwapPlan, block: BlockRef) -> Inclusion:
    """Whether ``block``, seen after the plan's decision block, takes the order.

    A block takes it when its base fee is within the order's fee cap (EIP-1559) and the routers' deadline check, which
    compares the block's timestamp, still holds. A recording without fee data takes every order.
    """
    if block.number <= plan.decided_at.number:
        return Inclusion.WAITS
    if block.timestamp > plan.deadline:
        return Inclusion.EXPIRED
    if block.base_fee_per_gas is not None and block.base_fee_per_gas > plan.max_fee_per_gas:
        return Inclusion.WAITS
    return Inclusion.INCLUDED
