"""The node's process: found, started on a free port, watched, and never left behind."""

import contextlib
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from chain.devnet import guard
from chain.devnet.errors import DevnetCrashed, PortBusy
from chain.devnet.rpc import Rpc
from chain.errors import ConfigurationError, NodeUnavailable

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only where it is asked for

NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"
START_SECONDS = 20.0
HISTORY_STATES = 6_000
"""States of past blocks kept on disk, beyond the 500 that the node keeps in memory."""

_STATE_BYTES = 4_000_000
"""What one takes on disk in the devnet's first hours, on the large side."""

_PORT_ATTEMPTS = 5
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}


def anvil_binary() -> Path:
    """The native binary that npm installed for this machine; raises ``ConfigurationError`` where there is none."""
    system = _SYSTEMS.get(platform.system(), platform.system().lower())
    architecture = _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
    name = "anvil.exe" if system == "win32" else "anvil"
    binary = NODE_MODULES / "@foundry-rs" / f"anvil-{system}-{architecture}" / "bin" / name
    if not binary.is_file():
        raise ConfigurationError(
            f"the local node (anvil for {system}-{architecture}) is not installed: run `make setup`"
        )
    return binary


def free_port() -> int:
    """A TCP port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def affordable_states(directory: Path) -> int:
    """How many states may lie in ``directory`` without taking more than a quarter of the disk's free space."""
    return max(1, min(HISTORY_STATES, shutil.disk_usage(directory).free // 4 // _STATE_BYTES))


class Anvil:
    """One anvil process, as a context manager or by ``start``/``stop``.

    ``port=None`` picks a free port; a taken explicit port raises ``PortBusy``. ``host`` is the address that it listens
    on: its accounts are open to whoever reaches it, so ``EVERYWHERE`` is for a network of one's own.

    With ``mining`` every transaction gets its block at once; without, blocks come from ``evm_mine`` alone and
    transactions keep the order they came in. States of past blocks stay readable, some 6,500 of them where the disk has
    room: what no longer fits in memory goes to a scratch directory (within ``scratch_parent``, or the system's for
    temporary files) that ends with the node. Without ``history`` only the head's state is kept. ``niceness`` is how far
    the node steps aside for other programs.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        host: str = LOOPBACK,
        chain_id: int = 31337,
        accounts: int = 30,
        genesis_timestamp: int = 1_750_000_000,
        mining: bool = False,
        extra: Sequence[str] = (),
        scratch_parent: Path | None = None,
        history: bool = True,
        niceness: int = 0,
    ) -> None:
        self._wanted_port = port
        self._history = history
        self._niceness = niceness
        self._scratch_parent = scratch_parent
        self._arguments = [
            *("--host", host, "--chain-id", str(chain_id), "--accounts", str(accounts), "-q"),
            *("--timestamp", str(genesis_timestamp), "--order", "fifo", "--no-request-size-limit"),
            *(() if mining else ("--no-mining",)),
            *extra,
        ]
        self._guard: subprocess.Popen[str] | None = None
        self._last_words: deque[str] = deque(maxlen=20)
        self.port = 0
        self.pid = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> None:
        """Raises ``PortBusy``, ``ConfigurationError`` (no binary) or ``DevnetCrashed``."""
        if self._wanted_port is not None:
            if not is_free(self._wanted_port):
                raise PortBusy(f"port {self._wanted_port} is in use by another program; choose another one with --port")
            self._launch(self._wanted_port)
            return
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            try:
                self._launch(free_port())
                return
            except DevnetCrashed:  # somebody took the port in between
                if attempt == _PORT_ATTEMPTS or "in use" not in self.last_words:
                    raise

    @property
    def last_words(self) -> str:
        return "\n".join(self._last_words).strip()

    def check(self) -> None:
        """Raises ``DevnetCrashed`` unless the node runs."""
        if not self.alive:
            raise DevnetCrashed(f"the local node ended unexpectedly: {self.last_words or 'it said nothing'}")

    def stop(self) -> None:
        """Ends the node and waits for its end; calling it again does nothing."""
        if self._guard is None:
            return
        if self._guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.close()
        self._guard.wait()
        self._guard = None

    def _launch(self, port: int) -> None:
        binary = anvil_binary()
        scratch = tempfile.mkdtemp(prefix="states-", dir=self._scratch_parent)
        self.port = port
        self._last_words.clear()
        self._guard = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", guard.__file__, scratch, str(self._niceness), "--"),
                *(str(binary), "--port", str(port), "--cache-path", scratch),
                *self._states(scratch),
                *self._arguments,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C in the terminal reaches the parent only, which then stops us in order
        )
        listener = threading.Thread(target=self._listen, args=(self._guard,), daemon=True)
        listener.start()
        try:
            self.pid = int(self._guard.stdout.readline() or 0) if self._guard.stdout is not None else 0
            self._wait_until_ready(listener)
        except BaseException:
            self.stop()
            raise

    def _states(self, scratch: str) -> tuple[str, str]:
        if self._history:
            return "--max-persisted-states", str(affordable_states(Path(scratch)))
        return "--prune-history", "1"

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        if process.stderr is not None:
            for line in process.stderr:
                self._last_words.append(line.rstrip())

    def _wait_until_ready(self, listener: threading.Thread) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive:
                listener.join(1.0)
                self.check()
            with contextlib.suppress(NodeUnavailable), Rpc(self.url, timeout=1.0) as rpc:
                rpc.call("eth_chainId")
                return
            time.sleep(0.005)
        raise DevnetCrashed(f"the local node did not answer within {START_SECONDS:.0f} s: {self.last_words}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
