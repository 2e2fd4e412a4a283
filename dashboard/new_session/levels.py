"""The slider as the form shows it: what each level says, and what may be set in its place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.session.level import setting_text
from paper_trading.api_views.levels import FIELD_WORDS, LEVEL_WORDS, SIGNAL_WORDS
from paper_trading.intelligence.intel_slider import LEVELS, RANGES
from paper_trading.services.start_request import DEFAULT_LEVEL

SIGNALS = "signals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A setting that takes a whole number from ``least`` to ``most``; ``usual`` is what the level at first says."""

    name: str
    label: str
    meaning: str
    least: int
    most: int
    usual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalChoice:
    name: str
    label: str
    meaning: str
    usual: bool


def slider() -> Mapping[str, Any]:
    first = LEVELS[DEFAULT_LEVEL]
    return {
        "level": DEFAULT_LEVEL,
        "level_words": LEVEL_WORDS[DEFAULT_LEVEL],
        "levels": json.dumps({number: _told(number) for number in LEVELS}),
        "fields": [
            Field(
                name=name,
                label=label_of(name),
                meaning=FIELD_WORDS[name],
                least=least,
                most=most,
                usual=setting_text(name, getattr(first, name)),
            )
            for name, (least, most) in RANGES.items()
        ],
        "signals": _signals(first.signals),
        "signals_meaning": FIELD_WORDS[SIGNALS],
    }


def _told(number: int) -> Mapping[str, Any]:
    settings = LEVELS[number]
    usual = {name: setting_text(name, getattr(settings, name)) for name in RANGES}
    return {"words": LEVEL_WORDS[number], "settings": usual, SIGNALS: list(settings.signals)}


def _signals(usual: Sequence[str]) -> list[SignalChoice]:
    return [
        SignalChoice(name=name, label=label_of(name), meaning=meaning, usual=name in usual)
        for name, meaning in SIGNAL_WORDS.items()
    ]


def label_of(name: str) -> str:
    """What the form calls a setting."""
    words = name.removesuffix("_pct").removesuffix("_bps").removesuffix("_usd").removesuffix("_blocks")
    unit = {"pct": "%", "bps": "bps", "usd": "USD", "blocks": "blocks"}.get(name.rpartition("_")[2])
    return words.replace("_", " ") + ("" if unit is None else f" ({unit})")
