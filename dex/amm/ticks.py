"""The initialised ticks of a concentrated pool, after v3-core Tick.sol, TickBitmap.sol and LiquidityMath.sol."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from dex.amm.errors import (
    IntegerOverflow,
    InvalidPoolState,
    LiquidityOverflow,
    LiquiditySumOverflow,
    LiquidityUnderflow,
    TickSpacingError,
)
from dex.amm.full_math import MAX_INT128, MAX_UINT128
from dex.amm.tick_math import MAX_TICK, MIN_TICK

_WORD_MASK = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class TickInfo:
    """``liquidity_gross`` is all that begins or ends here; ``liquidity_net`` is added on crossing upwards."""

    liquidity_gross: int
    liquidity_net: int


_UNINITIALISED = TickInfo(liquidity_gross=0, liquidity_net=0)


@cache
def max_liquidity_per_tick(tick_spacing: int) -> int:
    """tickSpacingToMaxLiquidityPerTick: all ticks full still fit uint128 together."""
    return MAX_UINT128 // (2 * (MAX_TICK // tick_spacing) + 1)


def add_delta(liquidity: int, delta: int) -> int:
    """``liquidity + delta`` in uint128; raises ``LiquidityUnderflow`` or ``LiquiditySumOverflow``."""
    total = liquidity + delta
    if total < 0:
        raise LiquidityUnderflow
    if total > MAX_UINT128:
        raise LiquiditySumOverflow
    return total


class TickTable(Mapping[int, TickInfo]):
    """Immutable ticks with their sorted index, shared by all versions of a pool between two changes of liquidity.

    A tick whose gross liquidity is 0 is not initialised, whatever else is said about it, and is left out.
    """

    __slots__ = ("_infos", "_sorted", "tick_spacing")

    def __init__(self, ticks: Mapping[int, TickInfo], tick_spacing: int) -> None:
        """Raises ``InvalidPoolState`` for a tick out of range, off the spacing, or with negative gross liquidity."""
        infos = {tick: info for tick, info in ticks.items() if info.liquidity_gross != 0}
        for tick, info in infos.items():
            if not MIN_TICK <= tick <= MAX_TICK or tick % tick_spacing != 0 or info.liquidity_gross < 0:
                raise InvalidPoolState(f"tick {tick} with {info} cannot be at spacing {tick_spacing}")
        self._assemble(infos, sorted(infos), tick_spacing)

    def _assemble(self, infos: dict[int, TickInfo], index: list[int], tick_spacing: int) -> None:
        self._infos = infos
        self._sorted = index
        self.tick_spacing = tick_spacing

    def __getitem__(self, tick: int) -> TickInfo:
        return self._infos[tick]

    def __iter__(self) -> Iterator[int]:
        return iter(self._sorted)

    def __len__(self) -> int:
        return len(self._sorted)

    def __hash__(self) -> int:
        return hash(frozenset(self._infos.items()))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TickTable):
            return self._infos == other._infos
        return isinstance(other, Mapping) and self._infos == other

    def __repr__(self) -> str:
        return repr({tick: self._infos[tick] for tick in self._sorted})

    def next_within_one_word(self, tick: int, zero_for_one: bool) -> tuple[int, bool]:
        """Where a swap at ``tick`` stops next, and whether a tick is initialised there.

        nextInitializedTickWithinOneWord: downwards the search includes ``tick``, upwards it starts behind it; without a
        find the stop is the end of the 256-bit word. The result may lie past the greatest tick, as in the contract.
        """
        spacing = self.tick_spacing
        ticks = self._sorted
        at = bisect_right(ticks, tick)
        if zero_for_one:
            word_end = (tick // spacing & ~_WORD_MASK) * spacing
            if at > 0 and ticks[at - 1] >= word_end:
                return ticks[at - 1], True
            return word_end, False
        word_end = (tick // spacing + 1 | _WORD_MASK) * spacing
        if at < len(ticks) and ticks[at] <= word_end:
            return ticks[at], True
        return word_end, False

    def with_position(self, tick_lower: int, tick_upper: int, liquidity_delta: int) -> "TickTable":
        """The ticks after a position of this range grew or shrank, by Tick.update and TickBitmap.flipTick.

        Raises ``LiquidityOverflow``, ``LiquidityUnderflow``, ``LiquiditySumOverflow``, ``IntegerOverflow`` or
        ``TickSpacingError``.
        """
        lower = self._updated(tick_lower, liquidity_delta, liquidity_delta)
        upper = self._updated(tick_upper, liquidity_delta, -liquidity_delta)
        infos = self._infos.copy()
        index = self._sorted
        for tick, info in ((tick_lower, lower), (tick_upper, upper)):
            before = tick in infos
            if before == (info.liquidity_gross != 0):
                infos[tick] = info
                continue
            if tick % self.tick_spacing != 0:
                raise TickSpacingError(tick)
            index = index.copy()
            if before:
                del infos[tick]
                del index[bisect_right(index, tick) - 1]
            else:
                infos[tick] = info
                insort(index, tick)
        table = TickTable.__new__(TickTable)
        table._assemble(infos, index, self.tick_spacing)
        return table

    def _updated(self, tick: int, gross_delta: int, net_delta: int) -> TickInfo:
        info = self._infos.get(tick, _UNINITIALISED)
        gross = add_delta(info.liquidity_gross, gross_delta)
        if gross > max_liquidity_per_tick(self.tick_spacing):
            raise LiquidityOverflow(tick)
        net = info.liquidity_net + net_delta
        if not -MAX_INT128 - 1 <= net <= MAX_INT128:
            raise IntegerOverflow
        return TickInfo(liquidity_gross=gross, liquidity_net=net)
