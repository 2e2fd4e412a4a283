"""Uniswap V2 pools and their forks as immutable values.

After v2-core UniswapV2Pair.sol and, for quotes, v2-periphery UniswapV2Library.sol.
"""

from dataclasses import dataclass, replace
from math import isqrt

from dex.amm.errors import (
    AddOverflow,
    DivisionByZero,
    InsufficientInputAmount,
    InsufficientLiquidity,
    InsufficientLiquidityBurned,
    InsufficientLiquidityMinted,
    InsufficientOutputAmount,
    InvalidPoolState,
    KInvariant,
    LibraryInsufficientInputAmount,
    LibraryInsufficientLiquidity,
    LibraryInsufficientOutputAmount,
    MulOverflow,
    ReserveOverflow,
    SubUnderflow,
    SupplyUnknown,
)
from dex.amm.full_math import MAX_UINT112, MAX_UINT256
from dex.amm.result import SwapResult
from dex.types import PIPS_ONE

MINIMUM_LIQUIDITY = 1000
"""Shares that the first mint locks for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantProductPool:
    """A pair's state between two transactions; its token balances are its reserves unless a method is told otherwise.

    ``total_supply`` counts the LP shares, None where nobody asked the chain. ``fee_on`` says that the factory has a
    ``feeTo``, to whom a sixth of the growth since ``k_last`` is minted at the next mint or burn.
    """

    reserve0: int
    reserve1: int
    fee_pips: int
    total_supply: int | None = None
    k_last: int = 0
    fee_on: bool = False

    def __post_init__(self) -> None:
        if not (0 <= self.reserve0 <= MAX_UINT112 and 0 <= self.reserve1 <= MAX_UINT112):
            raise InvalidPoolState(f"reserves of {self.reserve0} and {self.reserve1}")
        if not 0 <= self.fee_pips < PIPS_ONE:
            raise InvalidPoolState(f"a fee of {self.fee_pips} parts per million")

    def quote_exact_in(self, amount_in: int, zero_for_one: bool = True) -> int:
        """getAmountOut: output for an exact input, 0 for dust.

        Raises ``InsufficientInputAmount`` for none, ``InsufficientLiquidity`` for an empty pool, ``MulOverflow``.

        >>> ConstantProductPool(reserve0=1000, reserve1=1000, fee_pips=3000).quote_exact_in(100)
        90
        """
        if amount_in <= 0:
            raise LibraryInsufficientInputAmount
        reserve_in, reserve_out = self._reserves(zero_for_one)
        scale, fee = fee_fraction(self.fee_pips)
        after_fee = _mul(amount_in, scale - fee)
        return _mul(after_fee, reserve_out) // _add(_mul(reserve_in, scale), after_fee)

    def quote_exact_out(self, amount_out: int, zero_for_one: bool = True) -> int:
        """getAmountIn: input for an exact output, which adds 1 even where the division is exact.

        Raises ``InsufficientOutputAmount`` for none, ``InsufficientLiquidity`` for an empty pool, ``SubUnderflow`` or
        ``DivisionByZero`` for all the pool has and more.

        >>> ConstantProductPool(reserve0=1000, reserve1=1000, fee_pips=3000).quote_exact_out(90)
        100
        """
        if amount_out <= 0:
            raise LibraryInsufficientOutputAmount
        reserve_in, reserve_out = self._reserves(zero_for_one)
        scale, fee = fee_fraction(self.fee_pips)
        numerator = _mul(_mul(reserve_in, amount_out), scale)
        denominator = _mul(_sub(reserve_out, amount_out), scale - fee)
        if denominator == 0:
            raise DivisionByZero
        return numerator // denominator + 1

    def swap(self, amount_in: int, zero_for_one: bool = True) -> tuple["ConstantProductPool", SwapResult]:
        """What the router does with an exact input: quote it, send it, take the output.

        Raises as ``quote_exact_in``, and ``InsufficientOutputAmount`` for dust or ``ReserveOverflow``.
        """
        amount_out = self.quote_exact_in(amount_in, zero_for_one)
        return self._routed(amount_in, amount_out, zero_for_one)

    def swap_exact_out(self, amount_out: int, zero_for_one: bool = True) -> tuple["ConstantProductPool", SwapResult]:
        """What the router does for an exact output; raises as ``quote_exact_out``, and ``ReserveOverflow``."""
        amount_in = self.quote_exact_out(amount_out, zero_for_one)
        return self._routed(amount_in, amount_out, zero_for_one)

    def swap_with_balances(
        self, amount0_out: int, amount1_out: int, balance0: int, balance1: int
    ) -> tuple["ConstantProductPool", SwapResult]:
        """The pair's own ``swap``, given its token balances after the outputs left and whatever was paid came in.

        Balances above the reserves count as input whoever sent them; a token that taxes transfers brings less. Raises
        ``InsufficientOutputAmount``, ``InsufficientLiquidity``, ``InsufficientInputAmount``, ``KInvariant``,
        ``ReserveOverflow``, ``MulOverflow``.
        """
        if amount0_out <= 0 and amount1_out <= 0:
            raise InsufficientOutputAmount
        if amount0_out >= self.reserve0 or amount1_out >= self.reserve1:
            raise InsufficientLiquidity
        amount0_in = max(0, balance0 - (self.reserve0 - amount0_out))
        amount1_in = max(0, balance1 - (self.reserve1 - amount1_out))
        if amount0_in == 0 and amount1_in == 0:
            raise InsufficientInputAmount
        scale, fee = fee_fraction(self.fee_pips)
        adjusted0 = _sub(_mul(balance0, scale), _mul(amount0_in, fee))
        adjusted1 = _sub(_mul(balance1, scale), _mul(amount1_in, fee))
        if _mul(adjusted0, adjusted1) < self.reserve0 * self.reserve1 * scale**2:
            raise KInvariant
        result = SwapResult(amount0=amount0_in - amount0_out, amount1=amount1_in - amount1_out)
        return self.sync(balance0, balance1), result

    def sync(self, balance0: int, balance1: int) -> "ConstantProductPool":
        """Take the balances as reserves, donations and all; raises ``ReserveOverflow``."""
        if balance0 > MAX_UINT112 or balance1 > MAX_UINT112:
            raise ReserveOverflow
        return ConstantProductPool(
            reserve0=balance0,
            reserve1=balance1,
            fee_pips=self.fee_pips,
            total_supply=self.total_supply,
            k_last=self.k_last,
            fee_on=self.fee_on,
        )

    def skim(self, balance0: int, balance1: int) -> tuple[int, int]:
        """What anybody may take out: the balances above the reserves; raises ``SubUnderflow`` where they are below."""
        return _sub(balance0, self.reserve0), _sub(balance1, self.reserve1)

    def mint(self, amount0: int, amount1: int) -> tuple["ConstantProductPool", int]:
        """Add liquidity: the new pool and the LP shares minted to the provider, rounded down.

        The worse of the two sides counts, the rest is a gift to the pool. Raises ``InsufficientLiquidityMinted``,
        ``SubUnderflow`` for a first mint too small, ``ReserveOverflow``, ``MulOverflow``, ``SupplyUnknown``.
        """
        supply = self._supply_after_fee()
        if supply == 0:
            shares = _sub(isqrt(_mul(amount0, amount1)), MINIMUM_LIQUIDITY)
            supply = MINIMUM_LIQUIDITY
        else:
            if self.reserve0 == 0 or self.reserve1 == 0:
                raise DivisionByZero
            shares = min(_mul(amount0, supply) // self.reserve0, _mul(amount1, supply) // self.reserve1)
        if shares <= 0:
            raise InsufficientLiquidityMinted
        synced = self.sync(self.reserve0 + amount0, self.reserve1 + amount1)
        return synced._with_supply(_add(supply, shares)), shares

    def burn(
        self, liquidity: int, balance0: int | None = None, balance1: int | None = None
    ) -> tuple["ConstantProductPool", int, int]:
        """Give back LP shares: the new pool and the amounts of token0 and token1, rounded down.

        Shares are of the balances, so donations are paid out too. Raises ``InsufficientLiquidityBurned``,
        ``DivisionByZero`` without any shares, ``SubUnderflow`` for more than all, ``MulOverflow``, ``SupplyUnknown``.
        """
        balance0 = self.reserve0 if balance0 is None else balance0
        balance1 = self.reserve1 if balance1 is None else balance1
        supply = self._supply_after_fee()
        if supply == 0:
            raise DivisionByZero
        amount0 = _mul(liquidity, balance0) // supply
        amount1 = _mul(liquidity, balance1) // supply
        if amount0 == 0 or amount1 == 0:
            raise InsufficientLiquidityBurned
        synced = self.sync(_sub(balance0, amount0), _sub(balance1, amount1))
        return synced._with_supply(_sub(supply, liquidity)), amount0, amount1

    def _reserves(self, zero_for_one: bool) -> tuple[int, int]:
        if self.reserve0 == 0 or self.reserve1 == 0:
            raise LibraryInsufficientLiquidity
        return (self.reserve0, self.reserve1) if zero_for_one else (self.reserve1, self.reserve0)

    def _routed(self, amount_in: int, amount_out: int, zero_for_one: bool) -> tuple["ConstantProductPool", SwapResult]:
        if zero_for_one:
            return self.swap_with_balances(0, amount_out, self.reserve0 + amount_in, self.reserve1 - amount_out)
        return self.swap_with_balances(amount_out, 0, self.reserve0 - amount_out, self.reserve1 + amount_in)

    def _supply_after_fee(self) -> int:
        """_mintFee: the supply once the protocol has its sixth of the growth of sqrt(k)."""
        if self.total_supply is None:
            raise SupplyUnknown
        if not self.fee_on or self.k_last == 0:
            return self.total_supply
        root, root_last = isqrt(self.reserve0 * self.reserve1), isqrt(self.k_last)
        if root <= root_last:
            return self.total_supply
        return _add(self.total_supply, _mul(self.total_supply, root - root_last) // (root * 5 + root_last))

    def _with_supply(self, total_supply: int) -> "ConstantProductPool":
        k_last = self.reserve0 * self.reserve1 if self.fee_on else 0
        return replace(self, total_supply=total_supply, k_last=k_last)


def fee_fraction(fee_pips: int) -> tuple[int, int]:
    """(scale, fee on that scale) as the contracts write it: 1000 and 3, or a fork's 10000 and 25.

    The floor is the same on every scale; only where a product leaves uint256 differs.
    """
    if fee_pips % 1_000 == 0:
        return 1_000, fee_pips // 1_000
    if fee_pips % 100 == 0:
        return 10_000, fee_pips // 100
    return PIPS_ONE, fee_pips


def _mul(a: int, b: int) -> int:
    product = a * b
    if product > MAX_UINT256:
        raise MulOverflow
    return product


def _add(a: int, b: int) -> int:
    total = a + b
    if total > MAX_UINT256:
        raise AddOverflow
    return total


def _sub(a: int, b: int) -> int:
    if b > a:
        raise SubUnderflow
    return a - b
