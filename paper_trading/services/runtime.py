"""How long a session may run, as users say it: minutes, also parts of one."""

from paper_trading.errors import WrongRequest

MOST_MINUTES = 60 * 24 * 366
"""A year."""


def runtime_seconds(minutes: float | None) -> int | None:
    """Whole seconds, at least one; None for a session that runs until it is stopped. Raises ``WrongRequest``."""
    if minutes is None:
        return None
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes <= MOST_MINUTES:
        raise WrongRequest(f"a runtime is above 0 minutes and at most a year, not {minutes!r}", "runtime_minutes")
    return max(1, round(60 * minutes))
