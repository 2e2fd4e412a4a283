"""The base fee rule of EIP-1559, in integers."""

from dex.errors import SkipTrade
from dex.types import BlockRef

ELASTICITY = 2
"""A block may hold this many times its gas target."""

CHANGE_DENOMINATOR = 8
"""The base fee moves by at most one part in this many from block to block."""


class NoFeeData(SkipTrade):
    """The block's base fee, gas used or gas limit is unknown."""


def next_base_fee(block: BlockRef) -> int:
    """Base fee in wei of the block after ``block``, exactly (EIP-1559, elasticity 2, denominator 8).

    Chains with other constants (OP stack chains among them) follow other rules. Raises ``NoFeeData``.
    """
    if block.base_fee_per_gas is None or block.gas_used is None or block.gas_limit is None:
        raise NoFeeData(f"block {block.number} was recorded without its fee data")
    base_fee, gas_used = block.base_fee_per_gas, block.gas_used
    target = block.gas_limit // ELASTICITY
    if gas_used == target:
        return base_fee
    if gas_used > target:
        return base_fee + max(1, base_fee * (gas_used - target) // target // CHANGE_DENOMINATOR)
    return base_fee - base_fee * (target - gas_used) // target // CHANGE_DENOMINATOR


def highest_base_fee(base_fee: int, blocks: int) -> int:
    """What ``base_fee`` wei can at most have become ``blocks`` blocks later, all of them full.

    Exact for even gas limits, the only ones in use: a full block then has twice its target.

    >>> highest_base_fee(1_000_000_000, 1)
    1125000000
    """
    for _ in range(blocks):
        base_fee += max(1, base_fee // CHANGE_DENOMINATOR)
    return base_fee
