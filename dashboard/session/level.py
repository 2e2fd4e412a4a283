"""What a session runs with, in plain words, and what it keeps its hands off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.parts import Ask
from dashboard.session.prices import prices_of
from dashboard.session.subject import Subject
from dex.types import Token
from paper_trading.api_views.levels import FIELD_WORDS, LEVEL_WORDS
from paper_trading.intelligence.intel_slider import level as level_of
from paper_trading.intelligence.intel_slider import with_overrides
from paper_trading.models import QuarantinedPool
from paper_trading.selectors import owned

MOST_POOLS = 20
UNITS = {
    "max_position_pct": "%",
    "min_confidence_pct": "%",
    "min_trade_usd": " USD",
    "cooldown_blocks": " blocks",
    "fee_patience_blocks": " blocks",
    "tolerance_ceiling_bps": " bps",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """``usual`` is what the level itself says, where it was overridden."""

    name: str
    meaning: str
    value: str
    usual: str


def level(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    usual = level_of(subject.row.intel_level)
    used = with_overrides(usual, subject.row.overrides) if subject.row.overrides else usual
    subject.know(*subject.row.tokens)
    return {
        "subject": subject,
        "level": subject.row.intel_level,
        "words": LEVEL_WORDS[subject.row.intel_level],
        "settings": [
            Setting(
                name=name.replace("_", " "),
                meaning=meaning,
                value=setting_text(name, getattr(used, name)),
                usual=setting_text(name, getattr(usual, name)) if name in used.overridden else "",
            )
            for name, meaning in FIELD_WORDS.items()
        ],
        "tokens": [subject.token(token) for token in subject.row.tokens],
        "pools": _pools(subject.user_id, subject.pk),
    }


def setting_text(name: str, value: int | Sequence[str]) -> str:
    """A level's setting for reading, with its unit."""
    if isinstance(value, int):
        return f"{value:,}{UNITS.get(name, '')}"
    return ", ".join(one.replace("_", " ") for one in value)


@compiled
def _pools(user_id: int, session_id: int) -> QuerySet[QuarantinedPool, Any]:
    mine = owned.sessions(user_id).filter(pk=session_id)
    rows = QuarantinedPool.objects.filter(session__in=mine.values("pk")).order_by("-pk")
    return rows.values_list("pool", "block_number", "reason", named=True)[:MOST_POOLS]


def watched(subject: Subject) -> list[Token]:
    """What there are prices of and the session may trade, by symbol."""
    prices = prices_of(subject.row.account__chain_key)
    chosen = set(subject.row.tokens) or set(prices)
    addresses = sorted(chosen - {subject.holder.quote_token})
    subject.know(*addresses)
    return sorted((subject.token(address) for address in addresses), key=lambda token: token.symbol)
