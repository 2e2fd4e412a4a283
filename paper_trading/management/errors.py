"""Turns what can go wrong into one clear line and an exit code; a user never sees a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError

from dex.errors import DexError


@contextmanager
def clear_errors() -> Iterator[None]:
    try:
        yield
    except DexError as error:
        raise CommandError(str(error)) from error
    except DatabaseError as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise CommandError(f"the database refused: {first} (is it set up? make setup)") from error
    except OSError as error:
        raise CommandError(f"the system refused: {error}") from error
