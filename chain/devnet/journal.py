"""The chain's life as an append-only file, from which the same chain grows again.

The first line is the header. Then each block has two lines: what is about to be mined, written before the node is asked
to, and the hash that came out. ``kill -9`` may cut the last line, which is then dropped, or come between the two lines,
in which case playing the journal mines that block just as it would have been mined. Nothing is synced to the disk: the
journal survives the death of every process, not a power cut, after which a shorter, still consistent chain is left.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from chain.errors import ConfigurationError

FORMAT = 2
"""Changes whenever the same lines would give other blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a journal can only be played on. ``rules`` is a digest of everything that shapes the first blocks."""

    seed: int
    generation: int
    genesis_timestamp: int
    rules: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """One block before it is mined: ``transactions`` are ``eth_sendTransaction`` parameters with a ``note`` of ours, or
    hold ``raw`` (0x signed bytes) where somebody else sent them. ``gas_limit`` is set where it changes."""

    number: int
    timestamp: int
    transactions: Sequence[Mapping[str, Any]]
    gas_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalBlock:
    """``hash`` is None for a last block that was announced and never confirmed."""

    plan: BlockPlan
    hash: str | None


class Journal:
    """Appends; ``create`` begins a file, ``resume`` reads one and goes on behind its last whole line."""

    def __init__(self, file: TextIO, header: Header) -> None:
        self._file = file
        self.header = header

    @classmethod
    def create(cls, path: Path, header: Header) -> "Journal":
        journal = cls(path.open("x", encoding="utf-8"), header)
        journal._append(asdict(header))
        return journal

    @classmethod
    def resume(cls, path: Path, header: Header) -> "Journal":
        """``header`` is what ``read`` found in this file."""
        with path.open("r+b") as whole:
            whole.truncate(_whole_lines(whole.read()))
        return cls(path.open("a", encoding="utf-8"), header)

    def announce(self, plan: BlockPlan) -> None:
        line = {"number": plan.number, "timestamp": plan.timestamp, "txs": list(plan.transactions)}
        self._append(line if plan.gas_limit is None else {**line, "gas_limit": plan.gas_limit})

    def confirm(self, number: int, block_hash: str, actual: Sequence[Mapping[str, Any]] | None = None) -> None:
        """``actual`` is given where the block holds other transactions than those announced."""
        line: dict[str, Any] = {"number": number, "hash": block_hash}
        self._append(line if actual is None else {**line, "txs": list(actual)})

    def close(self) -> None:
        self._file.close()

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.flush()


def read(path: Path) -> tuple[Header, list[JournalBlock]]:
    """The header and all blocks of a journal; a torn last line is left out."""
    content = path.read_bytes()
    lines = content[: _whole_lines(content)].splitlines()
    try:
        header = Header(**json.loads(lines[0]))
        return header, _blocks([json.loads(line) for line in lines[1:]])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path.name} is not a journal of this program: start with --fresh") from error


def has_header(path: Path) -> bool:
    """False for a journal whose writer died within its first line: nothing was ever mined from it."""
    return path.exists() and _whole_lines(path.read_bytes()[: os.sysconf("SC_PAGE_SIZE")]) > 0


def _blocks(lines: Sequence[Mapping[str, Any]]) -> list[JournalBlock]:
    blocks: list[JournalBlock] = []
    for line in lines:
        if "hash" in line:
            plan = blocks.pop().plan
            if plan.number != line["number"]:
                raise ValueError("a hash without its block")
            mined = BlockPlan(
                number=plan.number,
                timestamp=plan.timestamp,
                transactions=line.get("txs", plan.transactions),
                gas_limit=plan.gas_limit,
            )
            blocks.append(JournalBlock(plan=mined, hash=line["hash"]))
        else:
            plan = BlockPlan(
                number=line["number"],
                timestamp=line["timestamp"],
                transactions=line["txs"],
                gas_limit=line.get("gas_limit"),
            )
            blocks.append(JournalBlock(plan=plan, hash=None))
    return blocks


def _whole_lines(content: bytes) -> int:
    return content.rfind(b"\n") + 1
