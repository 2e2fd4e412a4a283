"""What an owner wants to find in the log after something happened: one line an event, and no secret in it."""

import json
import logging
import re

LOGGER = "dexproject.security"
MOST_VALUE = 200
_log = logging.getLogger(LOGGER)
_PLAIN = re.compile(r"[A-Za-z0-9_.:/+-]+", re.ASCII)


def note(event: str, *, refused: bool = False, **about: object) -> None:
    """Log ``event`` with what it is ``about`` as ``name=value``; a value that could be mistaken is quoted as in JSON.

    Callers give ids, addresses and reasons, never a signature, a token or a cookie.
    """
    parts = "".join(f" {name}={_shown(value)}" for name, value in about.items())
    _log.log(logging.WARNING if refused else logging.INFO, "%s%s", event, parts)


def _shown(value: object) -> str:
    text = str(value)[:MOST_VALUE]
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
