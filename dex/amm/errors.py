"""One error for each way the pool contracts revert, and three for what only a model can meet.

``revert`` is the reason string that the contract gives, empty where it gives none (a bare ``require``, a failed cast,
a division by zero). Sources: v3-core UniswapV3Pool and its libraries, v2-core UniswapV2Pair, v2-periphery
UniswapV2Library.
"""

from typing import ClassVar

from dex.errors import SkipTrade


class PoolError(SkipTrade):
    """The pool cannot carry this out in its present state."""

    revert: ClassVar[str] = ""


# Model only: the contract has no such revert.


class PartialFill(PoolError):
    """The pool would stop at the price limit or run dry before the amount is filled whole.

    ``amount_in`` and ``amount_out`` are what it would have filled, in base units, both positive.
    """

    def __init__(self, *, amount_in: int, amount_out: int) -> None:
        super().__init__(f"only {amount_in} in for {amount_out} out can be filled")
        self.amount_in = amount_in
        self.amount_out = amount_out


class InvalidPoolState(PoolError):
    """No contract can be in the state that was given."""


class SupplyUnknown(PoolError):
    """Minting or burning shares needs the total supply, which this pool was built without."""


# Uniswap V3


class AmountSpecifiedZero(PoolError):
    revert = "AS"


class PoolLocked(PoolError):
    """A pool without a price is locked until it is initialised."""

    revert = "LOK"


class PriceLimitError(PoolError):
    """The limit is on the wrong side of the price, or out of range."""

    revert = "SPL"


class AlreadyInitialized(PoolError):
    revert = "AI"


class TickRangeError(PoolError):
    revert = "T"


class SqrtPriceRangeError(PoolError):
    revert = "R"


class TickBoundsError(PoolError):
    """The two ticks do not bound a range."""


class TickOrder(TickBoundsError):
    revert = "TLU"


class TickLowerTooLow(TickBoundsError):
    revert = "TLM"


class TickUpperTooHigh(TickBoundsError):
    revert = "TUM"


class TickSpacingError(TickBoundsError):
    """A tick between the spacing."""


class LiquidityOverflow(PoolError):
    """More liquidity than one tick may hold."""

    revert = "LO"


class LiquidityUnderflow(PoolError):
    revert = "LS"


class LiquiditySumOverflow(PoolError):
    revert = "LA"


class NoPosition(PoolError):
    """A poke of a range that holds nothing."""

    revert = "NP"


class ZeroLiquidity(PoolError):
    """Nothing was to be minted, or a price was to move where there is no liquidity."""


class IntegerOverflow(PoolError):
    """A number left its Solidity type (uint128, uint160, uint256, int128, int256)."""


class PriceImpossible(PoolError):
    """The output asked for is more than the price range holds."""


# Uniswap V2


class InsufficientInputAmount(PoolError):
    revert = "UniswapV2: INSUFFICIENT_INPUT_AMOUNT"


class InsufficientOutputAmount(PoolError):
    revert = "UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT"


class InsufficientLiquidity(PoolError):
    revert = "UniswapV2: INSUFFICIENT_LIQUIDITY"


class LibraryInsufficientInputAmount(InsufficientInputAmount):
    revert = "UniswapV2Library: INSUFFICIENT_INPUT_AMOUNT"


class LibraryInsufficientOutputAmount(InsufficientOutputAmount):
    revert = "UniswapV2Library: INSUFFICIENT_OUTPUT_AMOUNT"


class LibraryInsufficientLiquidity(InsufficientLiquidity):
    revert = "UniswapV2Library: INSUFFICIENT_LIQUIDITY"


class InsufficientLiquidityMinted(PoolError):
    revert = "UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED"


class InsufficientLiquidityBurned(PoolError):
    revert = "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED"


class KInvariant(PoolError):
    revert = "UniswapV2: K"


class ReserveOverflow(PoolError):
    """A balance above uint112."""

    revert = "UniswapV2: OVERFLOW"


class AddOverflow(PoolError):
    revert = "ds-math-add-overflow"


class SubUnderflow(PoolError):
    revert = "ds-math-sub-underflow"


class MulOverflow(PoolError):
    revert = "ds-math-mul-overflow"


class DivisionByZero(PoolError):
    """Solidity's own check, which gives no reason."""
