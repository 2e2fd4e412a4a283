"""Turns what can go wrong into one clear line and an exit code; a user never sees a traceback."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError

from dex.errors import DexError
from paper_trading.terminal.words import plain

HINT = " (is it set up? make setup)"


@contextmanager
def clear_errors() -> Iterator[None]:
    try:
        yield
    except DexError as error:
        raise CommandError(plain(str(error))) from error
    except DatabaseError as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        hint = "" if isinstance(error, OperationalError) and not _lacks_tables(first) else HINT
        raise CommandError(plain(f"the database refused: {first}{hint}")) from error
    except OSError as error:
        raise CommandError(f"the system refused: {error}") from error
    except OverflowError as error:
        raise CommandError(f"a number is out of range: {error}") from error
    except CommandError:
        raise
    except Exception as error:
        kept = settings.VAR_DIR / "defect.log"
        with suppress(OSError):
            kept.write_text(traceback.format_exc(), encoding="utf-8")
        line = f"a defect of ours, please report it with {kept}: {type(error).__name__}: {error}"
        raise CommandError(plain(line)) from error


def _lacks_tables(text: str) -> bool:
    """SQLite says it as an operational error like any other."""
    return "no such table" in text or "no such column" in text
