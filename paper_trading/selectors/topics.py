"""Which topics of the feed a user may hear."""

import re

from paper_trading.feed.envelope import (
    SYSTEM,
    alerts_topic,
    gas_topic,
    market_topic,
    portfolio_topic,
    session_topic,
)
from paper_trading.models import BotSession
from paper_trading.selectors import owned
from trading.networks import networks

MOST_NAME = 80
_SESSION = re.compile(r"session:([1-9][0-9]{0,17})", re.ASCII)
_OWN = {"portfolio": portfolio_topic, "alerts": alerts_topic}
_OF_CHAIN = {"market": market_topic, "gas": gas_topic}


def topic_for(user_id: int, asked: str) -> str | None:
    """The topic that the user means by ``asked``; None for one that is not there, or that is none of theirs."""
    kind, _, name = asked[: MOST_NAME + 1].partition(":")
    if asked == SYSTEM:
        return SYSTEM
    if kind in _OWN:
        topic = _OWN[kind](user_id)
        return topic if asked in (kind, topic) else None
    if kind in _OF_CHAIN:
        chain = name if ":" in asked else _newest_chain(user_id)
        return _OF_CHAIN[kind](chain) if chain in networks() else None
    found = _SESSION.fullmatch(asked)
    if found is None or not owned.sessions(user_id).filter(pk=int(found[1])).exists():
        return None
    return session_topic(int(found[1]))


def _newest_chain(user_id: int) -> str:
    rows = BotSession.objects.filter(user=user_id).order_by("-pk")
    return rows.values_list("chain", flat=True).first() or ""
