"""Log lines without secrets, and a log file that several processes write and rotate together."""

import contextlib
import fcntl
import logging
import os
import re
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

LINE = "%(asctime)s %(levelname)s %(name)s %(about)s%(message)s"
MOST_BYTES = 10_000_000
KEPT_FILES = 5
_CREDENTIALS = re.compile(r"(://)[^\s/@'\"]*@")


class PlainFormatter(logging.Formatter):
    """One line a record, with the session it is about (``extra={"session": id}``), and no credentials.

    What stands before the ``@`` of any URL is left out, and all of a node's URL but its host: many nodes are paid by a
    key in the path.
    """

    def __init__(self) -> None:
        super().__init__(LINE)
        self._nodes = {url: _origin(url) for url in settings.RPC_URLS}

    def format(self, record: logging.LogRecord) -> str:
        session = record.__dict__.get("session")
        record.about = "" if session is None else f"session {session}: "
        text = super().format(record)
        for url, shown in self._nodes.items():
            text = text.replace(url, shown)
        return _CREDENTIALS.sub(r"\1***@", text)


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
