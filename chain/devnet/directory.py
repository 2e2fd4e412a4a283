"""A devnet's directory: one journal, the journals before it, and a lock that its one runner holds."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chain.devnet import artifacts, checkpoints
from chain.devnet.deploy import GAS_LIMIT, deployment
from chain.devnet.errors import DirectoryBusy
from chain.devnet.journal import FORMAT, Header
from chain.devnet.world import World

JOURNAL = "chain.jsonl"
FIRST_GENESIS = 1_750_000_000


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Raises ``DirectoryBusy`` where another process runs this chain; the kernel releases the lock of the dead."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise DirectoryBusy(f"the chain in {directory.name} is already running (process {holder})") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def tidy(directory: Path) -> None:
    """Removes what a runner that was killed together with its guard has left."""
    for states in directory.glob("states-*"):
        shutil.rmtree(states, ignore_errors=True)
    checkpoints.tidy(directory)


def rules(world: World) -> str:
    """A digest of the deployment, contracts included: a journal of other rules cannot be gone on with."""
    digest = hashlib.sha256(f"{FORMAT}|{GAS_LIMIT}".encode())
    for block in deployment(world):
        for wish in block:
            digest.update(f"{wish.sender}|{wish.to}|{wish.data}|{wish.value}|{wish.gas}|{wish.tip}\n".encode())
    for name in ("HoneypotToken", "TaxToken"):
        digest.update(artifacts.load(name).bytecode.encode())
    return digest.hexdigest()[:16]


def archive(directory: Path) -> int:
    """Puts the present journal, readable or not, beside its successor and returns the next generation's number."""
    checkpoints.clear(directory)
    earlier = len(list(directory.glob("chain-*.jsonl")))
    path = directory / JOURNAL
    if not path.exists():
        return earlier
    path.rename(directory / f"chain-{earlier}.jsonl")
    return earlier + 1


def new_header(*, seed: int, generation: int, digest: str) -> Header:
    """Every generation has its own first second, so that no block of one is mistaken for another's."""
    return Header(seed=seed, generation=generation, genesis_timestamp=FIRST_GENESIS + generation, rules=digest)
