"""What one block meant for one session, as values for the terminal, the JSON lines and later the feed."""

from collections.abc import Mapping
from dataclasses import dataclass

from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef, Token
from paper_trading.intelligence.base import Decision, PositionView
from paper_trading.models import TradeSide
from paper_trading.services.fill import Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An open position: ``worth`` is what selling all of it now would bring, None where it cannot be sold whole.

    ``mid_worth`` is at mid price, before fee and impact, for comparison only.
    """

    token: Token
    view: PositionView
    worth: int | None
    mid_worth: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A trade that was booked at this block. ``receipt_ok`` says whether its receipt was computed again and agreed."""

    trade_id: int
    side: TradeSide
    token: Token
    plan: SwapPlan
    fill: Fill
    receipt_ok: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    token: Token
    decision: Decision
    ordered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReport:
    """``equity`` is quote units: cash and exit worth of positions, less the gas that the session paid; None: unknown.

    ``decided_ms`` and ``booked_ms`` count from the arrival of the block.
    """

    block: BlockRef
    quote: Token
    prices: Mapping[Token, float]
    cash: int
    native: int
    equity: int | None
    start_equity: int | None
    held: tuple[Held, ...]
    thoughts: tuple[Thought, ...]
    booked: tuple[Booked, ...]
    waiting: int
    launches: tuple[Address, ...] = ()
    notes: tuple[str, ...] = ()
    decided_ms: float = 0.0
    booked_ms: float = 0.0
