"""The devnet as a child of this process, which it never outlives."""

import contextlib
import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chain.devnet.errors import DevnetCrashed, DirectoryBusy, PortBusy
from chain.errors import ConfigurationError

_ROOT = Path(__file__).resolve().parents[2]
_STOP_SECONDS = 3.0
_KINDS = {kind.__name__: kind for kind in (PortBusy, DirectoryBusy, ConfigurationError)}


class DevnetChild:
    """``start`` returns the node's URL; ``stop`` ends everything.

    ``actors=False`` gives the chain as it stands, without new blocks, for checking receipts. ``warm_up`` blocks are the
    past of a chain that begins now.
    """

    def __init__(
        self,
        directory: Path,
        *,
        seed: int = 7,
        block_time: float = 1.0,
        port: int | None = None,
        fresh: bool = False,
        actors: bool = True,
        warm_up: int = 120,
    ) -> None:
        self._arguments = [
            *("--parent-pipe", "--directory", str(directory.resolve()), "--seed", str(seed)),
            *("--block-time", str(block_time), "--warm-up", str(warm_up)),
            *(() if port is None else ("--port", str(port))),
            *(("--fresh",) if fresh else ()),
            *(() if actors else ("--no-actors",)),
        ]
        self._process: subprocess.Popen[str] | None = None
        self._last_words: deque[str] = deque(maxlen=20)
        self._failure: dict[str, Any] | None = None
        self.url = ""

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, progress: Callable[[str], None] = lambda _: None) -> str:
        """Waits until the chain is ready. Raises ``PortBusy``, ``DirectoryBusy``, ``ConfigurationError`` or
        ``DevnetCrashed``."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chain.devnet", *self._arguments],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the parent only, which then stops us in order
        )
        threading.Thread(target=self._keep_last_words, args=(self._process,), daemon=True).start()
        try:
            self.url = self._wait_until_ready(self._process, progress)
        except BaseException:
            self.stop()
            raise
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self.url

    def check(self) -> None:
        """Raises ``DevnetCrashed`` unless the chain lives."""
        if not self.alive:
            raise DevnetCrashed(self._reason())

    def stop(self) -> None:
        """Ends the chain in order, by force where that takes too long; calling it again does nothing."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _wait_until_ready(self, process: "subprocess.Popen[str]", progress: Callable[[str], None]) -> str:
        for line in process.stdout or ():
            message = json.loads(line)
            if "url" in message:
                return str(message["url"])
            if "error" in message:
                raise _KINDS.get(message["kind"], DevnetCrashed)(message["error"])
            progress(str(message["progress"]))
        process.wait()
        raise DevnetCrashed(self._reason())

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            message = json.loads(line)
            self._failure = message if "error" in message else self._failure

    def _keep_last_words(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stderr or ():
            self._last_words.append(line.rstrip())

    def _reason(self) -> str:
        if self._failure is not None:
            return str(self._failure["error"])
        return f"the local chain ended unexpectedly: {' '.join(self._last_words) or 'it said nothing'}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
