"""The intel slider as a table: the ten levels side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paper_trading.api_views.levels import FIELD_WORDS, LEVEL_WORDS, SIGNAL_WORDS
from paper_trading.intelligence.intel_slider import LEVELS, RANGES
from paper_trading.services.start_request import DEFAULT_LEVEL

UNITS = {
    "risk_tolerance": "points of 100",
    "max_position_pct": "% of the account",
    "min_confidence_pct": "%",
    "min_trade_usd": "USD",
    "max_open_positions": "tokens",
    "cooldown_blocks": "blocks",
    "fee_patience_blocks": "full blocks",
    "tolerance_ceiling_bps": "bps, hundredths of a percent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """``values`` are by level, from 1 on; ``least`` and ``most`` what may be set in a level's place."""

    name: str
    meaning: str
    unit: str
    values: Sequence[int]
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """``read`` is by level, whether it reads the signal."""

    name: str
    meaning: str
    read: Sequence[bool]


def slider() -> Mapping[str, Any]:
    return {
        "levels": list(LEVELS),
        "default": DEFAULT_LEVEL,
        "words": LEVEL_WORDS.items(),
        "settings": [_setting(name, meaning) for name, meaning in FIELD_WORDS.items() if name in RANGES],
        "signals": [_signal(name, meaning) for name, meaning in SIGNAL_WORDS.items()],
        "signals_meaning": FIELD_WORDS["signals"],
    }


def _setting(name: str, meaning: str) -> Setting:
    least, most = RANGES[name]
    return Setting(
        name=name.replace("_", " "),
        meaning=meaning,
        unit=UNITS[name],
        values=[getattr(level, name) for level in LEVELS.values()],
        least=least,
        most=most,
    )


def _signal(name: str, meaning: str) -> Signal:
    read = [name in level.signals for level in LEVELS.values()]
    return Signal(name=name.replace("_", " "), meaning=meaning, read=read)
