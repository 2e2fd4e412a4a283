"""The database's absence, which a host waits out."""

from django.db import InterfaceError, OperationalError

AWAY = (OperationalError, InterfaceError)


def first_line(error: Exception) -> str:
    """What ``error`` says, without the statement and the hints that a database adds."""
    return (str(error).splitlines() or [type(error).__name__])[0]
