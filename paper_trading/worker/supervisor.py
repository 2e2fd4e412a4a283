"""The session host as a child of the worker: kept alive, and ended by closing its standard input.

It is a process of its own because a loop that steps hundreds of sessions needs an interpreter for itself, and because
the worker's pool forks, which a process with an event loop, threads and database connections must not.
"""

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO

FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0
LONG_RUN = 60.0
"""A host that ran for so many seconds was in order: the next pause is the first one again."""

HAND_OVER_SECONDS = 15.0
TERMINATE_SECONDS = 5.0
POLL_SECONDS = 0.2

log = logging.getLogger(__name__)


class HostSupervisor:
    """``start`` and ``stop`` may each be called once; ``ask_to_stop`` returns at once and may come from a signal
    handler.

    ``command`` is a program that runs until its standard input closes, and then hands its sessions over and ends. What
    it writes on standard error is passed on line by line through ``say``.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        first_pause: float = FIRST_PAUSE,
        hand_over_seconds: float = HAND_OVER_SECONDS,
    ) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._say = say
        self._first_pause = first_pause
        self._hand_over_seconds = hand_over_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="session host", daemon=True)
        self._process: subprocess.Popen[str] | None = None
        self._pipe: int | None = None
        self._last_line = ""
        # A fork of the worker would keep the pipe open, and the host would never see the worker's end.
        os.register_at_fork(after_in_child=self._forget_pipe)

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stopping.set()

    def stop(self) -> None:
        """Waits for the hand-over; only a host that hangs is made to end."""
        self._stopping.set()
        self._thread.join()

    def _supervise(self) -> None:
        pause = self._first_pause
        while not self._stopping.is_set():
            started = time.monotonic()
            self._run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - started >= LONG_RUN:
                pause = self._first_pause
            log.warning("the session host ended (%s); it is started again in %g s", self._reason(), pause)
            self._stopping.wait(pause)
            pause = min(2 * pause, LAST_PAUSE)

    def _run_once(self) -> None:
        """From the host's start to its end."""
        self._last_line, self._process = "", None
        theirs, self._pipe = os.pipe()
        try:
            process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches the worker only, which then stops us in order
            )
        except OSError as error:
            self._last_line = str(error)
            self._forget_pipe()
            return
        finally:
            os.close(theirs)
        self._process = process
        log.info("the session host runs as process %d", process.pid)
        reader = threading.Thread(target=self._pass_on, args=(process.stderr,), daemon=True)
        reader.start()
        while process.poll() is None and not self._stopping.wait(POLL_SECONDS):
            pass
        self._end(process)
        reader.join(1.0)

    def _end(self, process: "subprocess.Popen[str]") -> None:
        self._forget_pipe()
        steps: list[tuple[float, Callable[[], None]]] = [
            (self._hand_over_seconds, process.terminate),
            (TERMINATE_SECONDS, process.kill),
        ]
        for seconds, insist in steps:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                log.warning("the session host does not end: it is made to")
                insist()
            else:
                return
        process.wait()

    def _forget_pipe(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            os.close(pipe)

    def _pass_on(self, lines: IO[str] | None) -> None:
        for line in lines or ():
            self._last_line = line.rstrip() or self._last_line
            self._say(line)

    def _reason(self) -> str:
        code = None if self._process is None else self._process.returncode
        said = f": {self._last_line}" if self._last_line else ""
        if code is None:
            return f"it cannot be started{said}"
        return f"signal {signal.Signals(-code).name}{said}" if code < 0 else f"exit code {code}{said}"
