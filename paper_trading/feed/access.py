"""Tells all processes that somebody's login or token has ended."""

from typing import Any

from paper_trading.feed.publisher import publish_event

LOGINS = "logins"
"""A topic between processes: nobody can subscribe to it."""


def tell_processes(**_: Any) -> None:
    """Receives ``wallet.signals.access_ended``."""
    publish_event(LOGINS, "ended", {})
