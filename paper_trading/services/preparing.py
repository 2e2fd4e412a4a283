"""One process at a time brings the database up to date, however many are started at once on an empty one."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from paper_trading.services.statistics import refresh_statistics

LOCK = "prepare.lock"
ADVISORY_LOCK = 0x6465_7870_726F_6A65
"""Any number that nobody else uses in this database: "dexproje" in ASCII."""


def prepare_database() -> None:
    """Apply every migration that is not there yet; waits while another process does so."""
    with _only_one():
        call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
        refresh_statistics()


@contextmanager
def _only_one() -> Iterator[None]:
    """The server or the kernel lets go of the lock however the process ends."""
    if connection.vendor != "postgresql":
        with (Path(settings.VAR_DIR) / LOCK).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
