"""Log lines without secrets, and a log file that several processes write and rotate together."""

import contextlib
import fcntl
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from django.conf import settings

LINE = "%(asctime)s %(levelname)s %(name)s %(about)s%(message)s"
MOST_BYTES = 10_000_000
KEPT_FILES = 5
HIDDEN = "***"
SHORTEST_SECRET = 6
"""Shorter ones are too much like other words: hiding them would make lines unreadable and the secret guessable."""
SHORTEST_KEY = 16
"""What is shorter in a node's URL is a name such as ``v3`` or ``mainnet``."""
_CREDENTIALS = re.compile(r"(://)[^\s/@'\"]*@")
_TOKENS = re.compile(r"\bdex_[\w=-]{20,}|(?<=bearer )[\w.~+/=-]+|(?<=bootstrap=)[\w-]+", re.IGNORECASE | re.ASCII)
"""API tokens and our cookies, whatever is sent as a bearer token, and bootstrap links."""


class PlainFormatter(logging.Formatter):
    """One line a record, with the session it is about (``extra={"session": id}``), and no secrets, see ``redactor``.

    Here and not in a filter, because a filter does not see the text of tracebacks.
    """

    def __init__(self) -> None:
        super().__init__(LINE)
        self._redacted = redactor()

    def format(self, record: logging.LogRecord) -> str:
        session = record.__dict__.get("session")
        record.about = "" if session is None else f"session {session}: "
        return self._redacted(super().format(record))


def redactor() -> Callable[[str], str]:
    """Hides secrets in a text: those of the settings, by their values, and what looks like a token, cookie or password.

    Of a node's URL its host stays: many nodes are paid by a key in the path. This is the second line of defence; the
    first is not to log them.
    """
    nodes = {url: _origin(url) for url in settings.RPC_URLS}
    # The longest first: one may be part of another.
    values = sorted(_secret_values(), key=len, reverse=True)
    known = re.compile("|".join(map(re.escape, values)) or r"(?!)")

    def redacted(text: str) -> str:
        for url, shown in nodes.items():
            text = text.replace(url, shown)
        text = known.sub(HIDDEN, _CREDENTIALS.sub(rf"\1{HIDDEN}@", text))
        return _TOKENS.sub(HIDDEN, text)

    return redacted


def _secret_values() -> set[str]:
    """As they are, and as they stand in a URL."""
    passwords = [str(database.get("PASSWORD") or "") for database in settings.DATABASES.values()]
    with contextlib.suppress(ValueError):  # what cannot be read connects to nothing, and says so elsewhere
        passwords.append(unquote(urlsplit(settings.REDIS_URL).password or ""))
    found = {settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS), *passwords}
    long_enough = {value for value in found if len(value) >= SHORTEST_SECRET} | set(_node_keys())
    quoted = {quote(value, safe="") for value in long_enough}
    return long_enough | quoted


def _node_keys() -> Iterator[str]:
    for url in settings.RPC_URLS:
        parts = urlsplit(url)
        pieces = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
        yield from (piece for piece in pieces if len(piece) >= SHORTEST_KEY)


class SharedFileHandler(WatchedFileHandler):
    """Appends to a file that other processes append to as well; whoever finds it full renames it, under a lock.

    A file that cannot be written costs one line on standard error, never the work that was to be logged.
    """

    def __init__(self, filename: str, most_bytes: int = MOST_BYTES, kept: int = KEPT_FILES) -> None:
        super().__init__(filename, encoding="utf-8", delay=True)
        self._most_bytes = most_bytes
        self._kept = kept
        self._complained = False

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._rotate_when_full()
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if not self._complained:
            self._complained = True
            sys.stderr.write(f"{self.baseFilename} cannot be written: {sys.exception()}\n")

    def _rotate_when_full(self) -> None:
        if not self._is_full():
            return
        with _locked(Path(f"{self.baseFilename}.lock")):
            # Another process may have been quicker.
            if self._is_full():
                for number in range(self._kept - 1, 0, -1):
                    with contextlib.suppress(FileNotFoundError):
                        Path(self._older(number)).rename(self._older(number + 1))
                Path(self.baseFilename).rename(self._older(1))

    def _is_full(self) -> bool:
        try:
            return Path(self.baseFilename).stat().st_size >= self._most_bytes
        except FileNotFoundError:
            return False

    def _older(self, number: int) -> str:
        return f"{self.baseFilename}.{number}"


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"
