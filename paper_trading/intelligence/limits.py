"""What a level allows: sizes to quote, slippage tolerance, fee caps."""

from dataclasses import dataclass
from math import ceil, sqrt

from dex.gas.policy import FeeCaps, fee_caps
from dex.types import BlockRef, Bps
from paper_trading.intelligence.base import Decision, PortfolioView
from paper_trading.intelligence.intel_slider import IntelSettings

_TABLE_ACCOUNT_USD = 10_000
_RUNGS = (1, 2, 4, 8)  # eighths of the largest size
_FLOOR_BPS = 10
_NOISES = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLimits:
    """``caps`` is None where the source has no fee data."""

    tolerance_bps: Bps
    caps: FeeCaps | None


def plan_limits(settings: IntelSettings, head: BlockRef, decision: Decision, tip: int) -> PlanLimits:
    """The limits of the transaction that carries ``decision`` out; ``tip`` is wei per gas."""
    caps = None if head.base_fee_per_gas is None else fee_caps(head, settings.fee_patience_blocks, tip)
    return PlanLimits(tolerance_bps=Bps(decision.tolerance_bps), caps=caps)


def tolerance_bps(settings: IntelSettings, noise_bps: float) -> int:
    """Three times the noise of the blocks that the order may wait for, 10 bps at least, the level's ceiling at most.

    ``noise_bps`` is the noise of the token's newest prices.
    """
    wait = sqrt(settings.fee_patience_blocks)
    return min(settings.tolerance_ceiling_bps, max(_FLOOR_BPS, ceil(_NOISES * noise_bps * wait)))


def min_trade_quote(settings: IntelSettings, *, dollar: int | None, start_equity: int) -> int:
    """The level's smallest trade in quote units.

    ``dollar`` is the quote units worth one dollar. Where the market has no dollar price it is None, and the account's
    start equity stands for the 10,000 dollars that the table was made for.
    """
    if dollar is not None:
        return settings.min_trade_usd * dollar
    return settings.min_trade_usd * start_equity // _TABLE_ACCOUNT_USD


def largest_size(settings: IntelSettings, portfolio: PortfolioView) -> int:
    """Quote units: the level's share of equity, and no more than the cash."""
    return min(portfolio.cash, portfolio.equity * settings.max_position_pct // 100)


def candidate_sizes(settings: IntelSettings, portfolio: PortfolioView) -> tuple[int, ...]:
    """Sizes worth quoting, rising; empty when even the largest is under the smallest trade."""
    largest = largest_size(settings, portfolio)
    least = max(1, portfolio.min_trade_quote)
    if largest < least:
        return ()
    return tuple(sorted({max(least, largest * eighths // _RUNGS[-1]) for eighths in _RUNGS}))


def risk_sized(settings: IntelSettings, portfolio: PortfolioView, loss_at_stop_bps: float) -> int:
    """Quote units such that a stop-out costs at most half a bp of equity per point of risk tolerance."""
    budget_bps = settings.risk_tolerance / 2.0
    return int(portfolio.equity * min(1.0, budget_bps / max(1.0, loss_at_stop_bps)))
