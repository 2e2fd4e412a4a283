"""Fee caps of a transaction and what they make it pay."""

from dataclasses import dataclass

from dex.gas.base_fee import NoFeeData, highest_base_fee
from dex.types import BlockRef, Wei


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeCaps:
    """As in an EIP-1559 transaction, wei per gas."""

    max_fee_per_gas: int
    max_priority_fee_per_gas: int


def fee_caps(head: BlockRef, patience_blocks: int, tip: int) -> FeeCaps:
    """Caps that cover the base fee of each of the next ``patience_blocks`` blocks, should all be full until then.

    ``tip`` is wei per gas and is covered on top. The rule is EIP-1559's; a block after that may still be covered when
    the base fee grew less. Raises ``NoFeeData`` when the head's base fee is unknown.
    """
    if head.base_fee_per_gas is None:
        raise NoFeeData(f"block {head.number} was recorded without a base fee")
    return FeeCaps(
        max_fee_per_gas=highest_base_fee(head.base_fee_per_gas, patience_blocks) + tip,
        max_priority_fee_per_gas=tip,
    )


def covers(caps: FeeCaps, base_fee: int) -> bool:
    """Whether a block of this base fee may include the transaction at all."""
    return caps.max_fee_per_gas >= base_fee


def gas_price(base_fee: int, caps: FeeCaps) -> int:
    """Effective wei per gas, as EIP-1559 defines it; ``ValueError`` when the block cannot include the transaction."""
    if not covers(caps, base_fee):
        raise ValueError(f"a fee cap of {caps.max_fee_per_gas} does not cover a base fee of {base_fee}")
    return min(caps.max_fee_per_gas, base_fee + caps.max_priority_fee_per_gas)


def fee_paid(gas_used: int, base_fee: int, caps: FeeCaps) -> Wei:
    """Wei that the sender pays: the burnt base fee and the tip, of which the cap may leave less. Raises as above."""
    return Wei(gas_used * gas_price(base_fee, caps))
