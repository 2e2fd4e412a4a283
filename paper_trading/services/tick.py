"""One block of one session, as what it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dex.types import Address, BlockRef
from paper_trading.services.booking import FillCosts
from paper_trading.services.decisions import Decided
from paper_trading.services.fill import Fill
from paper_trading.services.orders import GivenUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A pending order that a block took; everything that ends in ``quote`` is base units of the quote token.

    ``pool_fee_quote``, ``impact_quote`` and ``drift_quote`` explain the fill (see ``PaperTrade``).
    """

    trade_id: int
    fill: Fill
    gas_quote: int
    pool_fee_quote: int = 0
    impact_quote: int = 0
    drift_quote: int = 0

    @property
    def costs(self) -> FillCosts:
        return FillCosts(
            gas_quote=self.gas_quote,
            pool_fee_quote=self.pool_fee_quote,
            impact_quote=self.impact_quote,
            drift_quote=self.drift_quote,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """A command that is done with the orders for ``tokens``, or refused for ``reason``."""

    command_id: int
    tokens: tuple[Address, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """``equity`` and the exit worth of each open position by its token are quote units; None where it cannot be sold
    whole."""

    equity: int | None
    worths: Mapping[Address, int | None]

    def stored(self, positions: Mapping[Address, int]) -> "Valued":
        """As the session's row has it; ``positions`` are the ids of the account's open positions by token."""
        told = {positions[token]: worth for token, worth in self.worths.items() if token in positions}
        return Valued(
            equity=self.equity,
            worths={str(position): None if worth is None else str(worth) for position, worth in told.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """``worths`` are quote units as text by position id."""

    equity: int | None
    worths: dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """``removed`` are blocks that a reorg took away: what was booked in them is taken back and waits once more.

    ``moves_cursor`` is False while the block's decisions are still to come: a restart must then see the block again.
    ``peaks`` are the highest exit worths of open positions by token. ``valuation`` is the account at the block's end,
    None where it is not told, and ``equity`` a point of its curve, None where none is kept.
    """

    block: BlockRef
    moves_cursor: bool = True
    removed: tuple[BlockRef, ...] = ()
    fills: tuple[Filled, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    decided: tuple[Decided, ...] = ()
    quarantined: Mapping[Address, str] = field(default_factory=dict)
    peaks: Mapping[Address, int] = field(default_factory=dict)
    commands: tuple[Obeyed, ...] = ()
    valuation: Valuation | None = None
    equity: int | None = None

    @property
    def moves_balances(self) -> bool:
        return bool(self.removed or self.fills)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Row ids that the tick created, by token: decisions and the orders that came of them; the valuation as stored."""

    decisions: Mapping[Address, int]
    orders: Mapping[Address, int]
    valued: Valued | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTick:
    """``tick`` of a session that ``lease_token`` holds."""

    session_id: int
    lease_token: int
    tick: Tick
