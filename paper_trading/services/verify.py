"""Computes a booked trade again from the chain and compares it with its receipt, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chain.errors import HistoryUnavailable, RpcError, SlotNotFound
from chain.source import ExecutionWitness, GasSource
from dex.amm import ConcentratedPool, ConstantProductPool
from dex.routing.plan import Path, SwapPlan
from dex.types import Address, BlockRef
from paper_trading.models import FillReceipt
from paper_trading.receipt_digest import receipt_hash
from paper_trading.selectors import receipt_fields
from paper_trading.services.fill import Fill, Witness
from paper_trading.services.inclusion import Inclusion, inclusion
from paper_trading.services.simulator import PaperExecutor
from trading.plan_json import load

States = Mapping[Address, ConstantProductPool | ConcentratedPool]


class ChainReader(Protocol):
    """The chain as a verifier reads it, without anything that the bot kept."""

    @property
    def witness(self) -> ExecutionWitness | None: ...

    async def block(self, number: int) -> BlockRef | None:
        """The canonical block of this number, None where there is none."""
        ...

    async def states(self, path: Path, block: BlockRef) -> States:
        """The path's pools at the end of ``block``, read from the chain; ``HistoryUnavailable`` where it is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``ok`` is None where the chain at hand cannot say; ``problems`` are one line each.

    ``witness`` is who agreed when the receipt was computed again.
    """

    receipt: FillReceipt
    ok: bool | None
    problems: tuple[str, ...]
    witness: str


async def verify_receipt(receipt: FillReceipt, reader: ChainReader) -> Verdict:
    """Compute ``receipt`` (loaded with its trade and account) again. Raises ``Retryable`` while the node is away."""
    try:
        plan = load(receipt.trade.plan)
    except ValueError as error:
        return Verdict(receipt=receipt, ok=False, problems=(f"the stored plan cannot be read: {error}",), witness="")
    problems = _own_problems(receipt, plan)
    block = await reader.block(receipt.block_number)
    if block is None or block.hash != receipt.block_hash:
        problems.append(f"block {receipt.block_number} with hash {receipt.block_hash} is not on this chain")
        return Verdict(receipt=receipt, ok=False, problems=tuple(problems), witness="")
    try:
        states = await reader.states(plan.path, block)
        fill = await _execute(receipt, plan, block, states, reader.witness)
    except (HistoryUnavailable, RpcError, SlotNotFound) as error:
        ok = False if problems else None
        return Verdict(receipt=receipt, ok=ok, problems=(*problems, str(error)), witness="")
    problems += await _inclusion_problems(plan, block, reader)
    problems += _differences(receipt, fill)
    return Verdict(receipt=receipt, ok=not problems, problems=tuple(problems), witness=fill.witness.value)


async def _execute(
    receipt: FillReceipt, plan: SwapPlan, block: BlockRef, states: States, witness: ExecutionWitness | None
) -> Fill:
    # A receipt that claims the model alone is held to that claim, whatever the node at hand could add.
    asked = None if receipt.witness == Witness.MODEL_ONLY.value else witness
    return await PaperExecutor(asked).fill(
        plan,
        block=block,
        states=states,
        balances={plan.token_in: receipt.balance_in, plan.token_out: receipt.balance_out},
        native_balance=receipt.native_balance,
    )


def _own_problems(receipt: FillReceipt, plan: SwapPlan) -> list[str]:
    """What is wrong with the receipt by itself and against the plan that it says it carried out."""
    problems = []
    if receipt.hash != receipt_hash(receipt_fields(receipt)):
        problems.append("the receipt was changed after it was written")
    planned: dict[str, object] = {
        "calldata": "0x" + plan.calldata.hex(),
        "sender": plan.sender,
        "router": plan.router,
        "token_in": plan.token_in,
        "token_out": plan.token_out,
        "minimum_out": plan.minimum_out,
    }
    for name, value in planned.items():
        if getattr(receipt, name) != value:
            problems.append(f"{name} is {getattr(receipt, name)}, the plan says {value}")
    return problems


async def _inclusion_problems(plan: SwapPlan, block: BlockRef, reader: ChainReader) -> list[str]:
    """Whether the fill's block is the first that the plan's caps cover; a later one could have been picked."""
    if inclusion(plan, block) is not Inclusion.INCLUDED:
        return [f"block {block.number} could not have taken the order: fee cap, deadline or number do not fit"]
    for number in range(plan.decided_at.number + 1, block.number):
        earlier = await reader.block(number)
        if earlier is not None and inclusion(plan, earlier) is Inclusion.INCLUDED:
            return [f"block {number} would have taken the order before block {block.number}"]
    return []


def _differences(receipt: FillReceipt, fill: Fill) -> list[str]:
    computed: dict[str, object] = {
        "status": fill.status.value,
        "amount_in": fill.amount_in,
        "amount_out": fill.amount_out,
        "model_amount_out": fill.model_amount_out,
        "base_fee": fill.base_fee,
        "tip": fill.tip,
        "revert_reason": fill.reason,
    }
    if fill.witness is not Witness.MODEL_ONLY or receipt.witness == Witness.MODEL_ONLY.value:
        computed |= {"node_amount_out": fill.node_amount_out, "witness": fill.witness.value, "l1_fee": fill.l1_fee}
    if fill.gas_source.value == receipt.gas_source and fill.gas_source is not GasSource.ESTIMATED:
        computed |= {"gas_used": fill.gas_used, "fee_paid": fill.fee_paid}
    due = receipt.gas_used * ((receipt.base_fee or 0) + receipt.tip) + receipt.l1_fee
    computed.setdefault("fee_paid", due)
    return [
        f"{name} is {getattr(receipt, name)!r}, computed again {value!r}"
        for name, value in computed.items()
        if getattr(receipt, name) != value
    ]
