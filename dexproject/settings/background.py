"""What a worker runs beside its tasks."""

import os

MOST_BY_ITSELF = 4


def session_hosts(*, has_one_host: bool, has_own_chain: bool) -> int:
    """Host processes of a worker that takes the queue ``paper_trading``: SESSION_HOSTS, or one a core up to four.

    A host steps its sessions on one core. There can be no second one on SQLite (``has_one_host``), and by itself there
    is none where the first starts the chain that all of them would need (``has_own_chain``). Ends the program with one
    line where SESSION_HOSTS is no number.
    """
    given = os.environ.get("SESSION_HOSTS", "")
    if given and not (given.isascii() and given.isdigit() and int(given) > 0):
        raise SystemExit(f"SESSION_HOSTS is how many host processes a worker runs, 1 or more, not {given!r}")
    if has_one_host:
        return 1
    if given:
        return int(given)
    return 1 if has_own_chain else min(MOST_BY_ITSELF, cores())


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
