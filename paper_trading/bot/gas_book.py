"""How much gas a swap over each path uses, as the node measured it."""

from collections.abc import Mapping

from chain.errors import OverridesUnsupported
from chain.source import ExecutionWitness
from dex.gas.table import swap_gas_bound
from dex.routing.plan import Path, SwapPlan
from dex.types import Address, BlockRef
from paper_trading.services.fill import Fill, FillStatus
from paper_trading.services.simulator import swap_call


class GasBook:
    """Units by path: asked of the node once, then kept up to date by every fill.

    A path that nobody measured yet is not traded; ``wanted`` lists those that were asked for.
    """

    def __init__(self, witness: ExecutionWitness | None) -> None:
        self._witness = witness
        self._units: dict[Path, int] = {}
        self._l1_fees: dict[Path, int] = {}
        self.wanted: dict[Path, None] = {}

    def units(self, path: Path) -> int | None:
        """Gas units, or None where the node has not been asked yet."""
        if path not in self._units:
            self.wanted[path] = None
        return self._units.get(path)

    def fee(self, path: Path, price: int) -> int | None:
        """Wei for a swap over ``path`` at ``price`` wei per gas, L2 data fee included; None as above."""
        units = self.units(path)
        return None if units is None else units * price + self._l1_fees.get(path, 0)

    def learn(self, path: Path, *, units: int, l1_fee: int) -> None:
        self._units[path] = units
        self._l1_fees[path] = l1_fee
        self.wanted.pop(path, None)

    def learn_fill(self, path: Path, fill: Fill) -> None:
        """What a fill used is the newest measurement of its path; a reverted one says nothing about the whole way."""
        if fill.status is FillStatus.FILLED and fill.base_fee is not None:
            self.learn(path, units=fill.gas_used, l1_fee=fill.l1_fee)

    async def measure(
        self, plan: SwapPlan, *, block: BlockRef, balances: Mapping[Address, int], native_balance: int
    ) -> None:
        """Ask the node what ``plan`` would use on top of ``block``.

        The table's bound stands in for a node that cannot say, and for a call that reverted before its end.
        """
        if self._witness is None:
            return
        call = swap_call(plan, balances=balances, native_balance=native_balance)
        try:
            outcome = await self._witness.execute(call, block)
        except OverridesUnsupported:
            l1_fee = await self._witness.l1_fee(call, block)
            self.learn(plan.path, units=swap_gas_bound(plan.path), l1_fee=l1_fee)
            return
        units = outcome.gas_used if outcome.revert_reason is None else swap_gas_bound(plan.path)
        self.learn(plan.path, units=units, l1_fee=outcome.l1_fee)
