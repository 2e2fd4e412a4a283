"""The ``events.csv.xz`` of a recording: its rows as pool events, block by block."""

import lzma
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from chain.errors import ConfigurationError
from chain.recording_header import KINDS, RecordingHeader
from dex.market.events import PoolEvent, V3Burn, V3Mint, V3Swap
from dex.types import Address

COLUMNS = (
    "seq,block,tx_index,type,amount0,amount1,sqrt_price_x96,liquidity,tick,tick_lower,tick_upper,fee_pips,replay_mode"
)

Row = tuple[int, str, list[str]]
"""Line number in the file, counted from 1, the line, and its fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedBlock:
    """``digest`` is sha256 of the digest before it, the number as 8 bytes big-endian, and the rows, each ended by LF.

    ``log_index`` of the events counts from 1; 0 is left for a change of the fee.
    """

    number: int
    digest: bytes
    events: tuple[PoolEvent, ...]


def parse_rows(compressed: bytes, header: RecordingHeader, origin: bytes, path: Path) -> list[RecordedBlock]:
    """All blocks that have rows, in order; ``origin`` is the digest before the first one.

    Raises ``ConfigurationError`` with ``path`` and line for rows that are malformed, out of order, of another fee than
    the header's schedule, or not as many as the header counts.
    """
    blocks = list(_blocks(_rows(_text(compressed, path), path), header, origin, path))
    _check_counts(blocks, header, path)
    return blocks


def _text(compressed: bytes, path: Path) -> str:
    try:
        return lzma.decompress(compressed).decode("ascii")
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be decompressed to ASCII text: {error}") from error


def _rows(text: str, path: Path) -> Iterator[Row]:
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0] != COLUMNS:
        raise ConfigurationError(f"{path}, line 1: the columns must be {COLUMNS}")
    if lines[-1] == "":
        lines.pop()
    width = COLUMNS.count(",") + 1
    for index, line in enumerate(lines[1:]):
        fields = line.split(",")
        if len(fields) != width:
            raise ConfigurationError(f"{path}, line {index + 2}: {len(fields)} fields instead of {width}")
        if fields[0] != str(index):
            raise ConfigurationError(f"{path}, line {index + 2}: seq {fields[0]} instead of {index}")
        yield index + 2, line, fields


def _blocks(rows: Iterable[Row], header: RecordingHeader, origin: bytes, path: Path) -> Iterator[RecordedBlock]:
    digest, last = origin, header.first_block - 1
    for text, group in groupby(rows, key=lambda row: row[2][1]):
        block_rows = list(group)
        line = block_rows[0][0]
        number = _number(text, line, path)
        if not last < number <= header.last_block:
            raise ConfigurationError(f"{path}, line {line}: block {number} is out of order or of the header's range")
        body = "".join([row[1] + "\n" for row in block_rows])
        digest = sha256(digest + number.to_bytes(8, "big") + body.encode()).digest()
        yield RecordedBlock(number=number, digest=digest, events=_events(block_rows, number, header, path))
        last = number


def _events(rows: Sequence[Row], number: int, header: RecordingHeader, path: Path) -> tuple[PoolEvent, ...]:
    fee = header.fees.at(number)
    events: list[PoolEvent] = []
    tx_index = 0
    for line, _, fields in rows:
        try:
            event = _event(header.pool.address, number, len(events) + 1, fields)
            row_fee = int(fields[11])
        except ValueError as error:
            raise ConfigurationError(f"{path}, line {line}: {error}") from error
        if row_fee != fee:
            raise ConfigurationError(f"{path}, line {line}: fee {row_fee}, but fee_schedule says {fee}")
        if event.tx_index < tx_index:
            raise ConfigurationError(f"{path}, line {line}: tx_index {event.tx_index} is out of order")
        tx_index = event.tx_index
        events.append(event)
    return tuple(events)


def _event(pool: Address, number: int, log_index: int, fields: list[str]) -> PoolEvent:
    _, _, tx_index, kind, amount0, amount1, sqrt_price, liquidity, tick, lower, upper, _, _ = fields
    if kind == "swap":
        return V3Swap(
            pool=pool,
            block_number=number,
            tx_index=int(tx_index),
            log_index=log_index,
            tx_hash="",
            amount0=int(amount0),
            amount1=int(amount1),
            sqrt_price_x96=int(sqrt_price),
            liquidity=int(liquidity),
            tick=int(tick),
        )
    if kind not in KINDS:
        raise ValueError(f"type {kind!r} is none of {', '.join(KINDS)}")
    change = V3Mint if kind == "mint" else V3Burn
    return change(
        pool=pool,
        block_number=number,
        tx_index=int(tx_index),
        log_index=log_index,
        tx_hash="",
        tick_lower=int(lower),
        tick_upper=int(upper),
        liquidity=int(liquidity),
        amount0=int(amount0),
        amount1=int(amount1),
    )


def _check_counts(blocks: Sequence[RecordedBlock], header: RecordingHeader, path: Path) -> None:
    counted = Counter(type(event) for block in blocks for event in block.events)
    for kind, found in (("swap", counted[V3Swap]), ("mint", counted[V3Mint]), ("burn", counted[V3Burn])):
        if found != header.counts[kind]:
            raise ConfigurationError(f"{path}: {found} {kind} rows, but the header counts {header.counts[kind]}")
    if not blocks:
        raise ConfigurationError(f"{path}: holds no rows")
    if (blocks[0].number, blocks[-1].number) != (header.first_block, header.last_block):
        raise ConfigurationError(f"{path}: blocks {blocks[0].number} to {blocks[-1].number} are not the header's range")


def _number(text: str, line: int, path: Path) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ConfigurationError(f"{path}, line {line}: {error}") from error
