"""The chains that are, or were, followed: how far the program is behind each, and what its gas costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from dashboard.parts import Ask
from dashboard.preferences.chains import shown_node
from paper_trading.services.health import ChainPace, chain_paces
from trading.selectors.markets import FOLLOWED, newest_markets

SHORT, MINUTE, LONG_MINUTES = 10, 60, 12 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """``base_fee`` and ``tip`` are wei per gas; ``lag`` is the seconds between the head's time and its being taken in,
    ``age`` those since then."""

    pace: ChainPace
    chain_id: int
    base_fee: int | None
    tip: int
    observed_at: datetime
    lag: str
    age: str
    problem: str


def chains(ask: Ask, _: None) -> Mapping[str, Any]:
    paces = {pace.name: pace for pace in chain_paces(ask.now)}
    return {
        "nodes": [shown_node(url) for url in settings.RPC_URLS],
        "chains": [
            Followed(
                pace=paces[market.chain__name],
                chain_id=market.chain__chain_id,
                base_fee=market.base_fee,
                tip=market.tip,
                observed_at=market.observed_at,
                lag=spell(max(0.0, (market.observed_at - market.head_time).total_seconds())),
                age=spell(max(0.0, (ask.now - market.observed_at).total_seconds())),
                problem=market.problem,
            )
            for market in newest_markets()
            if market.chain__name in paces
        ],
    }


def followed_now(now: datetime) -> list[str]:
    """Names: what is silent for long makes no page stale."""
    return [market.chain__name for market in newest_markets() if now - market.observed_at < FOLLOWED]


def spell(seconds: float) -> str:
    """
    >>> spell(1.234), spell(75), spell(7_300), spell(200_000)
    ('1.2 s', '75 s', '121 min', '55 h')
    """
    if seconds < SHORT:
        return f"{seconds:.1f} s"
    if seconds < 2 * MINUTE:
        return f"{int(seconds)} s"
    minutes = int(seconds // MINUTE)
    return f"{minutes} min" if minutes < LONG_MINUTES else f"{minutes // MINUTE} h"
