"""The node's state some hundred blocks ago, so that a start need not play the whole journal.

A checkpoint is what ``anvil_dumpState`` gives, compressed: all accounts, the headers of all blocks, no past states, no
past transactions. Nothing here is trusted: whoever loads one compares the block it claims to be with the journal, and
the state with the hashes of the blocks that are played on top of it.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chain.devnet.errors import CheckpointUnusable

HISTORY = 100
"""Blocks behind the head whose states, logs and receipts a resumed chain can be asked for, at least."""

KEPT = 2
_PATTERN = "checkpoint-*.json.gz"
_LEFTOVERS = ("checkpoint-*.tmp", "checkpoint-*.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state after block ``number``, in a file."""

    number: int
    path: Path

    @contextmanager
    def unpacked(self) -> Iterator[Path]:
        """The file as the node reads it, for as long as the context lasts. Raises ``CheckpointUnusable``."""
        plain = self.path.with_suffix("")
        try:
            plain.write_bytes(gzip.decompress(self.path.read_bytes()))
            yield plain
        except (OSError, EOFError, zlib.error) as error:
            raise CheckpointUnusable(f"{self.path.name} cannot be read: {error}") from error
        finally:
            plain.unlink(missing_ok=True)


def every(directory: Path) -> list[Checkpoint]:
    """Oldest first; files with a strange name are left out."""
    named = [
        (path.name.removeprefix("checkpoint-").removesuffix(".json.gz"), path) for path in directory.glob(_PATTERN)
    ]
    found = [Checkpoint(number=int(number), path=path) for number, path in named if number.isdecimal()]
    return sorted(found, key=lambda checkpoint: checkpoint.number)


def newest(directory: Path, head: int) -> Checkpoint | None:
    """The newest one with at least ``HISTORY`` blocks to play on top of it, if any."""
    return max(
        (checkpoint for checkpoint in every(directory) if checkpoint.number <= head - HISTORY),
        key=lambda checkpoint: checkpoint.number,
        default=None,
    )


def write(directory: Path, number: int, dump: str) -> Checkpoint:
    """Keeps a dump (0x hex of gzipped JSON); ``kill -9`` leaves the whole file or none. Drops all but the newest."""
    path = directory / f"checkpoint-{number:08d}.json.gz"
    unfinished = path.with_suffix(".tmp")
    unfinished.write_bytes(bytes.fromhex(dump[2:]))
    unfinished.rename(path)
    for old in every(directory)[:-KEPT]:
        old.path.unlink(missing_ok=True)
    return Checkpoint(number=number, path=path)


def tidy(directory: Path) -> None:
    """Removes what a runner that was killed has left half done."""
    for pattern in _LEFTOVERS:
        for path in directory.glob(pattern):
            path.unlink(missing_ok=True)


def clear(directory: Path) -> None:
    """For a chain that begins anew: checkpoints of the one before are of no use to it."""
    for checkpoint in every(directory):
        checkpoint.path.unlink(missing_ok=True)
