"""A command as its user has it before him: in a terminal of its own."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence

from tests.support.program import PATIENCE, ROOT

ROWS, COLUMNS = 40, 140
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """``said`` is everything that was ever on the screen."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._said = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        return _CONTROL.sub("", self._said.decode(errors="replace"))

    @property
    def shown(self) -> str:
        """Since the cursor was last sent to the upper left corner."""
        return _CONTROL.sub("", self._said.decode(errors="replace").rsplit("\x1b[H", 1)[-1])

    def until(self, pattern: str) -> "re.Match[str]":
        """Waits until something like it was said."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.said)) is None:
            assert self.process.poll() is None, self.said[-3000:]
            assert time.monotonic() < deadline, self.said[-3000:]
            time.sleep(0.05)
        return found

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(PATIENCE)
        os.close(self._mine)

    def _read(self) -> None:
        while True:
            try:
                came = os.read(self._mine, 65_536)
            except OSError:  # the other side is closed
                return
            if not came:
                return
            self._said += came
