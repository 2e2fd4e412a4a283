"""The paper executor: what would this router call have done as the last one of this block?

Two witnesses answer: our exact pool models on the state at the end of the block, and the node, which runs the call on
the contracts themselves. Where they differ the node's answer fills the trade and both numbers are kept. Before the node
is believed against the model it has to say the same twice: a node that takes its next block while it answers runs the
call on that block's state under the old one's name, and such an answer could never be checked again.
"""

from collections.abc import Mapping

from chain.errors import NodeDisagrees, OverridesUnsupported
from chain.source import CallOutcome, ExecutionWitness, GasSource, SwapCall
from dex.amm import ConcentratedPool, ConstantProductPool
from dex.errors import HaltSession
from dex.gas.table import swap_gas_bound
from dex.routing.model import ModelOutcome
from dex.routing.model import execute as execute_model
from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef
from paper_trading.services.fill import Fill, FillStatus, Witness

States = Mapping[Address, ConstantProductPool | ConcentratedPool]
_ASKED_AT_MOST = 4


class PaperExecutor:
    """``witness`` is None for a recording, where the model is the only witness there can be."""

    def __init__(self, witness: ExecutionWitness | None) -> None:
        self._witness = witness

    async def fill(
        self, plan: SwapPlan, *, block: BlockRef, states: States, balances: Mapping[Address, int], native_balance: int
    ) -> Fill:
        """Execute ``plan`` on top of the end of ``block``.

        ``states`` are the pools at the end of ``block``; ``balances`` and ``native_balance`` are the account's own, in
        base units. Raises ``SlotNotFound`` where the node cannot lay the balances over a token, ``NodeDisagrees`` where
        it keeps contradicting itself, another ``Retryable`` where it may answer later.
        """
        model = execute_model(plan, states, held=balances.get(plan.token_in, 0))
        if self._witness is None:
            return _model_fill(plan, block=block, model=model, l1_fee=0)
        call = swap_call(plan, balances=balances, native_balance=native_balance)
        try:
            outcome = await _testimony(self._witness, call, block, model)
        except OverridesUnsupported:
            return _model_fill(plan, block=block, model=model, l1_fee=await self._witness.l1_fee(call, block))
        return _node_fill(plan, block=block, model=model, node=outcome)


async def _testimony(witness: ExecutionWitness, call: SwapCall, block: BlockRef, model: ModelOutcome) -> CallOutcome:
    """The node's answer: one that agrees with the model, or else one that it gave twice running."""
    before: CallOutcome | None = None
    for _ in range(_ASKED_AT_MOST):
        said = await witness.execute(call, block)
        if said == before or _agree(model, said):
            return said
        before = said
    raise NodeDisagrees(f"the node executes one call on block {block.number} differently each time")


def _agree(model: ModelOutcome, node: CallOutcome) -> bool:
    amounts = (model.amount_in, model.amount_out) == (node.amount_in, node.amount_out)
    return amounts and (node.revert_reason is None) == (model.revert_reason is None)


def swap_call(plan: SwapPlan, *, balances: Mapping[Address, int], native_balance: int) -> SwapCall:
    """The plan as a call of the paper account, with its true balances of both tokens (a true zero included)."""
    return SwapCall(
        sender=plan.sender,
        to=plan.router,
        data=plan.calldata,
        token_in=plan.token_in,
        token_out=plan.token_out,
        amount_in=plan.amount_in,
        balances={token: balances.get(token, 0) for token in (plan.token_in, plan.token_out)},
        native_balance=native_balance,
    )


def tip_paid(plan: SwapPlan, base_fee: int | None) -> int:
    """Wei per gas that reach the block's producer: the plan's tip, capped by what its fee cap leaves (EIP-1559)."""
    if base_fee is None:
        return 0
    return min(plan.max_priority_fee_per_gas, plan.max_fee_per_gas - base_fee)


def _node_fill(plan: SwapPlan, *, block: BlockRef, model: ModelOutcome, node: CallOutcome) -> Fill:
    if block.base_fee_per_gas is None:
        raise HaltSession(f"the node gave block {block.number} without a base fee")
    reason = node.revert_reason
    if reason is None and (node.amount_in <= 0 or node.amount_out < 0):
        # A token says what it likes about balances: what it took for nothing, or gave back, is no trade.
        reason = f"the token's balances make no sense: {node.amount_in} paid, {node.amount_out} received"
    tip = tip_paid(plan, block.base_fee_per_gas)
    return Fill(
        block=block,
        status=FillStatus.FILLED if reason is None else FillStatus.REVERTED,
        amount_in=node.amount_in if reason is None else 0,
        amount_out=node.amount_out if reason is None else 0,
        model_amount_out=model.amount_out,
        node_amount_out=max(0, node.amount_out),
        witness=Witness.BOTH if _agree(model, node) else Witness.DISPUTED,
        revert_reason=reason,
        gas_used=node.gas_used,
        gas_source=node.gas_source,
        base_fee=block.base_fee_per_gas,
        tip=tip,
        l1_fee=node.l1_fee,
        fee_paid=node.gas_used * (block.base_fee_per_gas + tip) + node.l1_fee,
    )


def _model_fill(plan: SwapPlan, *, block: BlockRef, model: ModelOutcome, l1_fee: int) -> Fill:
    base_fee = block.base_fee_per_gas
    tip = tip_paid(plan, base_fee)
    gas_used = 0 if base_fee is None else swap_gas_bound(plan.path)
    return Fill(
        block=block,
        status=FillStatus.FILLED if model.revert_reason is None else FillStatus.REVERTED,
        amount_in=model.amount_in,
        amount_out=model.amount_out,
        model_amount_out=model.amount_out,
        node_amount_out=None,
        witness=Witness.MODEL_ONLY,
        revert_reason=model.revert_reason,
        gas_used=gas_used,
        gas_source=GasSource.UNRECORDED if base_fee is None else GasSource.TABLED,
        base_fee=base_fee,
        tip=tip,
        l1_fee=l1_fee,
        fee_paid=0 if base_fee is None else gas_used * (base_fee + tip) + l1_fee,
    )
