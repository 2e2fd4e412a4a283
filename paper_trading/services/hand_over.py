"""From a row in the database to a host that runs it: through the broker, or straight to a host that is there."""

from paper_trading.models import BotSession


def require_hosts() -> None:
    """Raises ``BackgroundUnavailable`` with one line that says what is missing."""


def hand_over(session: BotSession) -> None:
    """Send the task that makes ``session`` runnable; called after the commit that inserted it."""
