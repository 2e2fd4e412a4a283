"""SQLite has one writer at a time, so one process runs sessions on it; PostgreSQL takes any number."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from chain.errors import ConfigurationError

LOCK = "host.lock"


class AnotherHost(ConfigurationError):
    """A process runs sessions on this SQLite database already."""


@contextmanager
def only_host() -> Iterator[None]:
    """Held for as long as this process runs sessions; the kernel lets go of it however the process ends.

    Raises ``AnotherHost`` on SQLite while another one does.
    """
    if connection.vendor != "sqlite":
        yield
        return
    path = Path(settings.VAR_DIR) / LOCK
    with path.open("a+") as file:
        if not _locked(file.fileno()):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise AnotherHost(
                f"process {holder} runs sessions on this SQLite database: stop it first, or use PostgreSQL "
                "(DATABASE_URL), which takes several hosts"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
