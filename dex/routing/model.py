"""What our exact pool models say that a router call returns."""

from collections.abc import Mapping
from dataclasses import dataclass

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.amm.errors import PoolError
from dex.market.pools import Protocol
from dex.routing.plan import Path, SwapPlan
from dex.types import Address

Pool = ConstantProductPool | ConcentratedPool

CANNOT_PAY = {Protocol.V2: "TransferHelper: TRANSFER_FROM_FAILED", Protocol.V3: "STF"}
TOO_LITTLE = {Protocol.V2: "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT", Protocol.V3: "Too little received"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutcome:
    """Base units that leave and reach the sender; both are 0 exactly when ``revert_reason`` is set."""

    amount_in: int
    amount_out: int
    revert_reason: str | None


def walk(path: Path, states: Mapping[Address, Pool], amount_in: int) -> tuple[int, int]:
    """Amounts that the first pool takes and the last one pays, in base units; each hop rounds as its contract does.

    A V3 pool that runs out of liquidity takes less than it was offered (SwapRouter passes no price limit), so the first
    number can be smaller than ``amount_in``. Raises ``PoolError`` where a pool's contract reverts.
    """
    taken, carried = 0, amount_in
    for index, hop in enumerate(path.hops):
        _, result = states[hop.pool].swap(carried, zero_for_one=hop.zero_for_one)
        paid, received = (result.amount0, -result.amount1) if hop.zero_for_one else (result.amount1, -result.amount0)
        if index == 0:
            taken = paid
        carried = received
    return taken, carried


def execute(plan: SwapPlan, states: Mapping[Address, Pool], *, held: int) -> ModelOutcome:
    """Carry ``plan`` out on ``states``: UniswapV2Router02.swapExactTokensForTokens or SwapRouter.exactInput(Single).

    ``held`` is what the sender has of the token that it pays with: short of it, the transfer fails and reverts it all.
    """
    protocol = plan.path.protocol
    try:
        if protocol is Protocol.V2 and _amounts_out(plan, states) < plan.minimum_out:
            return _reverted(TOO_LITTLE[protocol])
        if held < plan.amount_in:
            return _reverted(CANNOT_PAY[protocol])
        taken, received = walk(plan.path, states, plan.amount_in)
    except PoolError as error:
        return _reverted(error.revert or type(error).__name__)
    if received < plan.minimum_out:
        return _reverted(TOO_LITTLE[protocol])
    return ModelOutcome(amount_in=taken, amount_out=received, revert_reason=None)


def _amounts_out(plan: SwapPlan, states: Mapping[Address, Pool]) -> int:
    """UniswapV2Library.getAmountsOut: the V2 router quotes the whole path before any pair swaps, so what it refuses
    there is refused in its own words."""
    carried = plan.amount_in
    for hop in plan.path.hops:
        carried = states[hop.pool].quote_exact_in(carried, zero_for_one=hop.zero_for_one)
    return carried


def _reverted(reason: str) -> ModelOutcome:
    return ModelOutcome(amount_in=0, amount_out=0, revert_reason=reason)
