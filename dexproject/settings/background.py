"""What a worker runs beside its tasks."""

import os

MOST_BY_ITSELF = 4


def session_hosts(*, is_shared: bool) -> int:
    """Host processes of a worker that takes the queue ``paper_trading``: SESSION_HOSTS, or one a core up to four.

    A host steps its sessions on one core. ``is_shared`` is False where there can be no second host (SQLite) or where
    the first one starts the chain that all of them would need (the local one): it is one then.
    """
    if given := os.environ.get("SESSION_HOSTS", ""):
        return max(1, int(given))
    return min(MOST_BY_ITSELF, os.cpu_count() or 1) if is_shared else 1
