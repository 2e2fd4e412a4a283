"""What an execution gave, as plain values: the executor makes it, the books take it."""

from dataclasses import dataclass
from enum import StrEnum

from chain.source import GasSource
from dex.types import BlockRef


class FillStatus(StrEnum):
    FILLED = "filled"
    REVERTED = "reverted"


class Witness(StrEnum):
    """Who computed the amounts of a fill."""

    BOTH = "both"
    MODEL_ONLY = "model_only"
    NODE_ONLY = "node_only"
    DISPUTED = "disputed"  # both spoke and differ: the node's answer fills


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """The outcome of a trade's calldata on top of the end of ``block``.

    Amounts are base units of the plan's tokens and what really moved: both 0 in a revert. ``model_amount_out`` and
    ``node_amount_out`` are the two witnesses, None where one could not speak; ``revert_reason`` is set exactly in a
    revert. ``base_fee`` is wei per gas, None where the source records no fees, and ``tip`` the priority fee per gas
    that was really paid. ``l1_fee`` and ``fee_paid`` are wei, ``fee_paid`` being
    ``gas_used * (base_fee + tip) + l1_fee``. Raises ValueError where these contradict each other.
    """

    block: BlockRef
    status: FillStatus
    amount_in: int
    amount_out: int
    model_amount_out: int | None
    node_amount_out: int | None
    witness: Witness
    revert_reason: str | None
    gas_used: int
    gas_source: GasSource
    base_fee: int | None
    tip: int
    l1_fee: int
    fee_paid: int

    @property
    def reason(self) -> str:
        """``revert_reason`` as every database can store it: contracts choose these words, NUL bytes included."""
        if self.revert_reason is None:
            return ""
        return self.revert_reason.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")

    def __post_init__(self) -> None:
        self._check_amounts()
        self._check_witness()
        due = self.gas_used * ((self.base_fee or 0) + self.tip) + self.l1_fee
        if self.fee_paid != due:
            raise ValueError(f"the fee paid is {self.fee_paid} wei, gas and prices give {due}")

    def _check_amounts(self) -> None:
        if (self.status == FillStatus.REVERTED) != (self.revert_reason is not None):
            raise ValueError("a revert has a reason, and nothing else has")
        if self.status == FillStatus.REVERTED and (self.amount_in, self.amount_out) != (0, 0):
            raise ValueError("a reverted trade moves no tokens")
        if self.status == FillStatus.FILLED and (self.amount_in <= 0 or self.amount_out < 0):
            raise ValueError(f"a fill cannot move {self.amount_in} for {self.amount_out}")

    def _check_witness(self) -> None:
        model, node = self.model_amount_out is not None, self.node_amount_out is not None
        spoke = {
            Witness.BOTH: model and node,
            Witness.DISPUTED: model and node,
            Witness.MODEL_ONLY: model and not node,
            Witness.NODE_ONLY: node and not model,
        }
        if not spoke[self.witness]:
            raise ValueError(f"the amounts are not those of a fill witnessed by {self.witness}")
        if self.witness == Witness.BOTH and self.model_amount_out != self.node_amount_out:
            raise ValueError("two witnesses that differ are a dispute")
