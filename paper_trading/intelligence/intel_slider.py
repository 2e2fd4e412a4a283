"""The intel slider: ten levels from careful to bold, one immutable table."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dex.errors import DexError
from paper_trading.intelligence.signals import DIRECTIONAL, SIGNALS


class IntelError(DexError):
    """A level or an override that does not exist or is out of range; the message is one line for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntelSettings:
    """What a level means. ``overridden`` names the fields that the user set in place of the level's.

    - ``risk_tolerance``, 1-100: the reserve that an edge must keep over its costs falls with it, the stop's distance
      and the share of equity that a stopped-out trade may cost rise with it.
    - ``max_position_pct``: largest position in % of equity. ``min_trade_usd``: smallest buy in dollars.
    - ``min_confidence_pct``: least confidence of a forecast that may be traded on.
    - ``cooldown_blocks``: blocks without a new buy after the last trade in a token.
    - ``signals``: names of the signals that are read, in order.
    - ``fee_patience_blocks``: for so many full blocks the fee cap keeps covering a rising base fee.
    - ``tolerance_ceiling_bps``: how far under its quote a fill may at most stay; also the most price impact, each way,
      that a buy may have.
    """

    level: int
    risk_tolerance: int
    max_position_pct: int
    min_confidence_pct: int
    min_trade_usd: int
    max_open_positions: int
    cooldown_blocks: int
    signals: tuple[str, ...]
    fee_patience_blocks: int
    tolerance_ceiling_bps: int
    overridden: frozenset[str] = field(default=frozenset())


_CAREFUL = ("trend", "volatility", "liquidity", "gas")
_MIDDLE = ("trend", "mean_reversion", "volatility", "liquidity", "gas")
_FULL = ("trend", "mean_reversion", "order_flow", "volatility", "liquidity", "gas")

# risk tolerance, largest position %, least confidence %, smallest trade $, most open positions, cool-down blocks,
# signals, fee patience blocks, tolerance ceiling bps
_TABLE = (
    (20, 2, 95, 10, 1, 60, _CAREFUL, 1, 20),
    (25, 3, 90, 20, 2, 50, _CAREFUL, 1, 25),
    (30, 5, 85, 30, 2, 40, _CAREFUL, 2, 30),
    (40, 7, 75, 50, 3, 30, _MIDDLE, 2, 40),
    (50, 10, 70, 75, 3, 25, _MIDDLE, 3, 50),
    (60, 12, 65, 100, 4, 20, _FULL, 3, 60),
    (70, 15, 60, 150, 4, 15, _FULL, 4, 75),
    (80, 18, 55, 200, 5, 10, _FULL, 5, 100),
    (90, 20, 50, 250, 6, 6, _FULL, 6, 150),
    (100, 25, 45, 300, 8, 3, _FULL, 8, 200),
)

LEVELS: Mapping[int, IntelSettings] = MappingProxyType(
    {
        number: IntelSettings(
            level=number,
            risk_tolerance=row[0],
            max_position_pct=row[1],
            min_confidence_pct=row[2],
            min_trade_usd=row[3],
            max_open_positions=row[4],
            cooldown_blocks=row[5],
            signals=row[6],
            fee_patience_blocks=row[7],
            tolerance_ceiling_bps=row[8],
        )
        for number, row in enumerate(_TABLE, start=1)
    }
)

RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "risk_tolerance": (1, 100),
        "max_position_pct": (1, 100),
        "min_confidence_pct": (0, 100),
        "min_trade_usd": (0, 1_000_000_000),
        "max_open_positions": (1, 1_000),
        "cooldown_blocks": (0, 1_000_000),
        "fee_patience_blocks": (1, 100),
        "tolerance_ceiling_bps": (1, 5_000),
    }
)
"""The least and the most that a user may set in a level's place."""


def level(number: int) -> IntelSettings:
    """The settings of level ``number``, 1 to 10; raises ``IntelError`` for anything else."""
    if isinstance(number, bool) or not isinstance(number, int) or number not in LEVELS:
        raise IntelError(f"the intel level is a whole number from 1 to 10, not {number!r}")
    return LEVELS[number]


def with_overrides(settings: IntelSettings, overrides: Mapping[str, object]) -> IntelSettings:
    """``settings`` with the user's own values in place of the level's; raises ``IntelError``.

    ``signals`` takes a sequence of names, every other field a whole number.
    """
    changes = {name: _checked(name, value) for name, value in overrides.items()}
    return replace(settings, **changes, overridden=settings.overridden | frozenset(changes))  # type: ignore[arg-type]


def _checked(name: str, value: object) -> int | tuple[str, ...]:
    if name == "signals":
        return _checked_signals(value)
    if name not in RANGES:
        raise IntelError(f"there is no intel setting {name!r}; there are {', '.join((*RANGES, 'signals'))}")
    low, high = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise IntelError(f"{name} is a whole number from {low} to {high}, not {value!r}")
    return value


def _checked_signals(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise IntelError(f"signals is a list of names, not {value!r}")
    names = tuple(value)
    unknown = [name for name in names if name not in SIGNALS]
    if unknown or len(set(names)) != len(names):
        raise IntelError(f"signals are named once each and out of {', '.join(SIGNALS)}, not {', '.join(names)}")
    if DIRECTIONAL.isdisjoint(names):
        raise IntelError(f"at least one signal has to expect a move: {', '.join(sorted(DIRECTIONAL))}")
    return names
