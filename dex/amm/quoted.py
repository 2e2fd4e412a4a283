"""Many exact quotes on one pool state: what does not depend on the amount is computed once, when it is first needed.

Every quote is ``quote_exact_in`` of the pool to the unit, errors included; what is rare is left to the pool itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from dex.amm.concentrated import ConcentratedPool
from dex.amm.constant_product import ConstantProductPool, fee_fraction
from dex.amm.errors import PartialFill
from dex.amm.full_math import MAX_INT256, MAX_UINT256
from dex.amm.sqrt_price_math import (
    get_amount0_delta,
    get_amount1_delta,
    get_next_sqrt_price_from_amount0_rounding_up,
    get_next_sqrt_price_from_amount1_rounding_down,
)
from dex.amm.swap_math import compute_swap_step
from dex.amm.tick_math import MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK, get_sqrt_ratio_at_tick
from dex.amm.ticks import TickTable, add_delta
from dex.types import PIPS_ONE

Pool = ConstantProductPool | ConcentratedPool
Quote = Callable[[int], int]


class QuotedPool:
    """``pool`` with its quotes. ``sell0`` gives token1 for token0, ``sell1`` token0 for token1, both exact."""

    __slots__ = ("fee_pips", "pool", "sell0", "sell1")

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.fee_pips = pool.fee_pips
        self.sell0: Quote = _curve(pool, zero_for_one=True)
        self.sell1: Quote = _curve(pool, zero_for_one=False)

    def quote_exact_in(self, amount_in: int, zero_for_one: bool = True) -> int:
        """As the pool's own."""
        return self.sell0(amount_in) if zero_for_one else self.sell1(amount_in)

    def best_rate(self, zero_for_one: bool) -> float:
        """The most base units out per unit in that any amount can get: mid price less the fee; 0 without a price.

        A pool's price only ever moves against the amount, and every rounding is in its favour.
        """
        pool = self.pool
        if isinstance(pool, ConcentratedPool):
            root = pool.sqrt_price_x96 * 2.0**-96
            price = root * root
        else:
            price = pool.reserve1 / pool.reserve0 if pool.reserve0 > 0 else 0.0
        if price == 0.0:
            return 0.0
        return (price if zero_for_one else 1.0 / price) * (1.0 - pool.fee_pips / PIPS_ONE)


def _curve(pool: Pool, *, zero_for_one: bool) -> Quote:
    if isinstance(pool, ConcentratedPool):
        return _Steps(pool, zero_for_one).quote
    return _product(pool, zero_for_one)


def _product(pool: ConstantProductPool, zero_for_one: bool) -> Quote:
    reserve_in, reserve_out = (pool.reserve0, pool.reserve1) if zero_for_one else (pool.reserve1, pool.reserve0)
    scale, fee = fee_fraction(pool.fee_pips)
    kept, base = scale - fee, reserve_in * scale

    def quote(amount_in: int) -> int:
        after_fee = amount_in * kept
        product = after_fee * reserve_out
        if amount_in <= 0 or product == 0 or base == 0 or product > MAX_UINT256:
            return pool.quote_exact_in(amount_in, zero_for_one)
        return product // (base + after_fee)

    return quote


@dataclass(frozen=True, slots=True)
class _Step:
    """One range of constant liquidity: ``full_in`` without and ``taken`` with its fee cross it whole and bring
    ``full_out``."""

    price: int
    target: int
    liquidity: int
    full_in: int
    taken: int
    full_out: int


class _Steps:
    """The steps of UniswapV3Pool.swap from a pool's price on, as many of them as some amount has reached so far."""

    __slots__ = (
        "_has_room",
        "_kept_pips",
        "_limit",
        "_liquidity",
        "_out_delta",
        "_pool",
        "_price",
        "_price_after",
        "_steps",
        "_tick",
        "_zero_for_one",
    )

    def __init__(self, pool: ConcentratedPool, zero_for_one: bool) -> None:
        self._pool = pool
        self._zero_for_one = zero_for_one
        self._kept_pips = PIPS_ONE - pool.fee_pips
        self._limit = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
        price = pool.sqrt_price_x96
        self._has_room = self._limit < price if zero_for_one else 0 < price < self._limit
        self._out_delta = get_amount1_delta if zero_for_one else get_amount0_delta
        self._price_after = (
            get_next_sqrt_price_from_amount0_rounding_up
            if zero_for_one
            else get_next_sqrt_price_from_amount1_rounding_down
        )
        self._steps: list[_Step] = []
        self._price, self._tick, self._liquidity = price, pool.tick, pool.liquidity

    def quote(self, amount_in: int) -> int:
        if not self._has_room or not 0 < amount_in <= MAX_INT256:
            return self._pool.quote_exact_in(amount_in, self._zero_for_one)
        remaining, received, at = amount_in, 0, 0
        steps = self._steps
        while remaining != 0:
            if at == len(steps):
                if self._price == self._limit:
                    raise PartialFill(amount_in=amount_in - remaining, amount_out=received)
                self._reach_further()
            step = steps[at]
            available = remaining * self._kept_pips // PIPS_ONE
            if available < step.full_in:  # and so the price stays before the target, whichever way it is rounded
                price = self._price_after(step.price, step.liquidity, available, add=True)
                return received + self._out_delta(price, step.price, step.liquidity, False)
            remaining -= step.taken
            received += step.full_out
            at += 1
        return received

    def _reach_further(self) -> None:
        """Adds the next step; the prices must not be at their end."""
        price, zero_for_one = self._price, self._zero_for_one
        table = cast(TickTable, self._pool.ticks)
        tick_next, initialized = table.next_within_one_word(self._tick, zero_for_one)
        tick_next = max(MIN_TICK, min(tick_next, MAX_TICK))
        price_next = get_sqrt_ratio_at_tick(tick_next)
        target = max(price_next, self._limit) if zero_for_one else min(price_next, self._limit)
        _, full_in, full_out, fee = compute_swap_step(price, target, self._liquidity, MAX_INT256, self._pool.fee_pips)
        self._steps.append(_Step(price, target, self._liquidity, full_in, full_in + fee, full_out))
        self._price = target
        if target == price_next:
            if initialized:
                net = table[tick_next].liquidity_net
                self._liquidity = add_delta(self._liquidity, -net if zero_for_one else net)
            self._tick = tick_next - 1 if zero_for_one else tick_next
