"""Uniswap V3 pools and their forks as immutable values, after v3-core UniswapV3Pool.sol."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

from dex.amm.errors import (
    AlreadyInitialized,
    AmountSpecifiedZero,
    IntegerOverflow,
    InvalidPoolState,
    NoPosition,
    PartialFill,
    PoolLocked,
    PriceLimitError,
    TickLowerTooLow,
    TickOrder,
    TickUpperTooHigh,
    ZeroLiquidity,
)
from dex.amm.full_math import MAX_INT128, MAX_INT256, MAX_UINT128, MIN_INT256
from dex.amm.result import SwapResult
from dex.amm.sqrt_price_math import get_amount0_delta, get_amount1_delta
from dex.amm.swap_math import compute_swap_step
from dex.amm.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from dex.amm.ticks import TickInfo, TickTable, add_delta
from dex.types import PIPS_ONE


class _Walk(NamedTuple):
    """Where a swap ended. ``remaining`` and ``calculated`` are signed as in the contract's SwapState."""

    remaining: int
    calculated: int
    sqrt_price_x96: int
    tick: int
    liquidity: int
    protocol_fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcentratedPool:
    """A pool's state between two transactions.

    ``sqrt_price_x96`` is sqrt(token1 / token0) as Q64.96, 0 before ``initialize``. ``ticks`` holds initialised ticks
    only. ``fee_protocol0`` and ``fee_protocol1`` are the denominators of the protocol's share of the fees paid in each
    token (``slot0.feeProtocol % 16`` and ``>> 4``), 0 where it is off; ``protocol_fees0`` and ``protocol_fees1`` count
    that share in base units from wherever the owner of this value started to count, so they take no part in equality.
    """

    sqrt_price_x96: int
    tick: int
    liquidity: int
    fee_pips: int
    tick_spacing: int
    ticks: Mapping[int, TickInfo]
    fee_protocol0: int = 0
    fee_protocol1: int = 0
    protocol_fees0: int = field(default=0, compare=False)
    protocol_fees1: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.fee_pips < PIPS_ONE:
            raise InvalidPoolState(f"a fee of {self.fee_pips} parts per million")
        ticks = self.ticks
        if isinstance(ticks, TickTable) and ticks.tick_spacing == self.tick_spacing:
            return
        if not 0 < self.tick_spacing < 1 << 23:
            raise InvalidPoolState(f"a tick spacing of {self.tick_spacing}")
        if self.sqrt_price_x96 != 0 and not MIN_SQRT_RATIO <= self.sqrt_price_x96 < MAX_SQRT_RATIO:
            raise InvalidPoolState(f"a square-root price of {self.sqrt_price_x96}")
        if not 0 <= self.liquidity <= MAX_UINT128:
            raise InvalidPoolState(f"a liquidity of {self.liquidity}")
        object.__setattr__(self, "ticks", TickTable(ticks, self.tick_spacing))

    @classmethod
    def uninitialized(cls, *, fee_pips: int, tick_spacing: int) -> "ConcentratedPool":
        """A pool as the factory creates it: locked until it has a price."""
        return cls(sqrt_price_x96=0, tick=0, liquidity=0, fee_pips=fee_pips, tick_spacing=tick_spacing, ticks={})

    def initialize(self, sqrt_price_x96: int) -> "ConcentratedPool":
        """Set the first price; raises ``AlreadyInitialized`` or ``SqrtPriceRangeError``."""
        if self.sqrt_price_x96 != 0:
            raise AlreadyInitialized
        tick = get_tick_at_sqrt_ratio(sqrt_price_x96)
        return replace(self, sqrt_price_x96=sqrt_price_x96, tick=tick)

    def swap(
        self, amount_specified: int, zero_for_one: bool = True, sqrt_price_limit_x96: int | None = None
    ) -> tuple["ConcentratedPool", SwapResult]:
        """Swap an exact input (positive) or for an exact output (negative), in base units.

        Stops at the price limit, or at the end of the price range where that is None; then the fill is partial and the
        amounts say so. Raises ``AmountSpecifiedZero``, ``PoolLocked``, ``PriceLimitError``, and the overflow errors.
        """
        end = self._walk(amount_specified, zero_for_one, sqrt_price_limit_x96)
        filled = amount_specified - end.remaining
        if zero_for_one == (amount_specified > 0):
            amount0, amount1 = filled, end.calculated
        else:
            amount0, amount1 = end.calculated, filled
        fees0, fees1 = self.protocol_fees0, self.protocol_fees1
        if zero_for_one:
            fees0 = fees0 + end.protocol_fee & MAX_UINT128
        else:
            fees1 = fees1 + end.protocol_fee & MAX_UINT128
        pool = ConcentratedPool(
            sqrt_price_x96=end.sqrt_price_x96,
            tick=end.tick,
            liquidity=end.liquidity,
            fee_pips=self.fee_pips,
            tick_spacing=self.tick_spacing,
            ticks=self.ticks,
            fee_protocol0=self.fee_protocol0,
            fee_protocol1=self.fee_protocol1,
            protocol_fees0=fees0,
            protocol_fees1=fees1,
        )
        result = SwapResult(
            amount0=amount0,
            amount1=amount1,
            sqrt_price_x96=end.sqrt_price_x96,
            tick=end.tick,
            liquidity=end.liquidity,
        )
        return pool, result

    def quote_exact_in(self, amount_in: int, zero_for_one: bool = True, sqrt_price_limit_x96: int | None = None) -> int:
        """Output for an exact input; raises ``PartialFill`` where the pool cannot take it whole, and as ``swap``."""
        if amount_in < 0:
            raise IntegerOverflow
        end = self._walk(amount_in, zero_for_one, sqrt_price_limit_x96)
        if end.remaining != 0:
            raise PartialFill(amount_in=amount_in - end.remaining, amount_out=-end.calculated)
        return -end.calculated

    def quote_exact_out(
        self, amount_out: int, zero_for_one: bool = True, sqrt_price_limit_x96: int | None = None
    ) -> int:
        """Input for an exact output; raises ``PartialFill`` where the pool cannot give it whole, and as ``swap``."""
        if amount_out < 0:
            raise IntegerOverflow
        end = self._walk(-amount_out, zero_for_one, sqrt_price_limit_x96)
        if end.remaining != 0:
            raise PartialFill(amount_in=end.calculated, amount_out=amount_out + end.remaining)
        return end.calculated

    def mint(self, tick_lower: int, tick_upper: int, liquidity: int) -> tuple["ConcentratedPool", int, int]:
        """Add liquidity to a range: the new pool and the amounts of token0 and token1 that it takes, rounded up.

        Raises ``PoolLocked``, ``ZeroLiquidity``, ``TickBoundsError``, ``LiquidityOverflow``, ``LiquiditySumOverflow``,
        ``IntegerOverflow``.
        """
        self._require_unlocked()
        if liquidity == 0:
            raise ZeroLiquidity
        return self._modify_position(tick_lower, tick_upper, _to_int128(liquidity))

    def burn(self, tick_lower: int, tick_upper: int, liquidity: int) -> tuple["ConcentratedPool", int, int]:
        """Take liquidity out of a range: the new pool and the amounts that it gives, rounded down and without fees.

        Zero liquidity is the contract's poke, which changes nothing here. Raises ``PoolLocked``, ``TickBoundsError``,
        ``LiquidityUnderflow``, ``NoPosition``, ``IntegerOverflow``. Who owns how much is not part of this value, so
        burning more than one's own part is only noticed where the ticks hold less.
        """
        self._require_unlocked()
        delta = -_to_int128(liquidity)
        if delta != 0:
            new_pool, amount0, amount1 = self._modify_position(tick_lower, tick_upper, delta)
            return new_pool, -amount0, -amount1
        _require_range(tick_lower, tick_upper)
        if tick_lower not in self.ticks or tick_upper not in self.ticks:
            raise NoPosition
        return self, 0, 0

    def _modify_position(self, tick_lower: int, tick_upper: int, delta: int) -> tuple["ConcentratedPool", int, int]:
        _require_range(tick_lower, tick_upper)
        ticks = self._table.with_position(tick_lower, tick_upper, delta)
        lower, upper = get_sqrt_ratio_at_tick(tick_lower), get_sqrt_ratio_at_tick(tick_upper)
        round_up = delta > 0
        size, sign = abs(delta), 1 if round_up else -1
        amount0 = amount1 = 0
        liquidity = self.liquidity
        if self.tick < tick_lower:
            amount0 = sign * get_amount0_delta(lower, upper, size, round_up)
        elif self.tick < tick_upper:
            amount0 = sign * get_amount0_delta(self.sqrt_price_x96, upper, size, round_up)
            amount1 = sign * get_amount1_delta(lower, self.sqrt_price_x96, size, round_up)
            liquidity = add_delta(liquidity, delta)
        else:
            amount1 = sign * get_amount1_delta(lower, upper, size, round_up)
        return replace(self, ticks=ticks, liquidity=liquidity), amount0, amount1

    def _walk(self, amount_specified: int, zero_for_one: bool, limit: int | None) -> _Walk:
        if limit is None:
            limit = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
        self._require_swappable(amount_specified, zero_for_one, limit)
        table = self._table
        fee_pips = self.fee_pips
        fee_protocol = self.fee_protocol0 if zero_for_one else self.fee_protocol1
        exact_in = amount_specified > 0
        remaining, calculated, protocol_fee = amount_specified, 0, 0
        price, tick, liquidity = self.sqrt_price_x96, self.tick, self.liquidity

        while remaining != 0 and price != limit:
            price_before = price
            tick_next, initialized = table.next_within_one_word(tick, zero_for_one)
            tick_next = max(MIN_TICK, min(tick_next, MAX_TICK))  # words do not know where prices end
            price_next = get_sqrt_ratio_at_tick(tick_next)
            target = max(price_next, limit) if zero_for_one else min(price_next, limit)
            price, amount_in, amount_out, fee = compute_swap_step(price, target, liquidity, remaining, fee_pips)
            if exact_in:
                remaining -= amount_in + fee
                calculated -= amount_out
            else:
                remaining += amount_out
                calculated += amount_in + fee
            if fee_protocol > 0:
                protocol_fee += fee // fee_protocol

            if price == price_next:
                if initialized:
                    net = table[tick_next].liquidity_net
                    liquidity = add_delta(liquidity, -net if zero_for_one else net)
                tick = tick_next - 1 if zero_for_one else tick_next
            elif price != price_before:
                tick = get_tick_at_sqrt_ratio(price)

        return _Walk(remaining, calculated, price, tick, liquidity, protocol_fee)

    def _require_swappable(self, amount_specified: int, zero_for_one: bool, limit: int) -> None:
        if amount_specified == 0:
            raise AmountSpecifiedZero
        if not MIN_INT256 <= amount_specified <= MAX_INT256:
            raise IntegerOverflow
        self._require_unlocked()
        price = self.sqrt_price_x96
        if not (MIN_SQRT_RATIO < limit < price if zero_for_one else price < limit < MAX_SQRT_RATIO):
            raise PriceLimitError(limit)

    def _require_unlocked(self) -> None:
        if self.sqrt_price_x96 == 0:
            raise PoolLocked

    @property
    def _table(self) -> TickTable:
        return cast(TickTable, self.ticks)  # made so by __post_init__


def _require_range(tick_lower: int, tick_upper: int) -> None:
    if tick_lower >= tick_upper:
        raise TickOrder
    if tick_lower < MIN_TICK:
        raise TickLowerTooLow
    if tick_upper > MAX_TICK:
        raise TickUpperTooHigh


def _to_int128(liquidity: int) -> int:
    if not 0 <= liquidity <= MAX_INT128:
        raise IntegerOverflow
    return liquidity
