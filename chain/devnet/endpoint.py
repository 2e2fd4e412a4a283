"""Where a running devnet is reached: a file in its directory that only counts while its writer lives."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ENDPOINT = "endpoint.json"
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """``url`` is the node's, ``pid`` the devnet's process, ``genesis`` the hash of block 0: the chain's instance."""

    url: str
    pid: int
    genesis: str


@contextmanager
def published(directory: Path, *, url: str, genesis: str) -> Iterator[None]:
    """Tells every process that looks into ``directory`` where its chain is, until the end of the block.

    The file carries a lock of its own, taken before it gets its name: the kernel releases it however the process
    ends, so that a file that was left behind is known for what it is. Only for the holder of ``directory.locked``.
    """
    path = directory / ENDPOINT
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        json.dump(asdict(Endpoint(url=url, pid=os.getpid(), genesis=genesis)), file)
        file.flush()
        fresh.replace(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def running(directory: Path) -> Endpoint | None:
    """The chain that runs in ``directory`` and is ready; None where there is none, however its process ended."""
    try:
        with (directory / ENDPOINT).open() as file:
            try:
                # Shared, so that two who look at once do not take each other for the writer.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return Endpoint(**json.load(file))
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None


def running_url(directory: Path) -> str | None:
    """The URL of the chain that runs in ``directory``, None where none does."""
    found = running(directory)
    return None if found is None else found.url


def wait_for_url(directory: Path, *, seconds: float) -> str | None:
    """``running_url`` once there is one: for who found the directory busy while its chain was still starting.

    None after ``seconds``, which should cover a chain that is deployed anew. Blocks the thread.
    """
    deadline = time.monotonic() + seconds
    while (url := running_url(directory)) is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return url
