"""A recorded pool behind the same interface as a node.

A recording is a folder of ``pool.json`` (``recording_header``) and ``events.csv.xz`` (``recording_rows``): every swap,
mint and burn of one concentrated-liquidity pool. It has no block hashes, times or fees, so

- a block's hash is a sha256 chain over the rows up to it (``RecordedBlock.digest``), which starts from the sha256 of
  ``pool.json``: whoever has the two files can check a receipt against them;
- times come from the network's clock;
- ``base_fee_per_gas`` is None, and the pool model is the only witness of a fill.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from itertools import chain as chained
from pathlib import Path

from chain.errors import ConfigurationError, HistoryUnavailable
from chain.networks import BlockClock, Network, find_network
from chain.recording_header import RecordingHeader, parse_header
from chain.recording_rows import RecordedBlock, parse_rows
from chain.source import MarketStart
from dex.market.advance import advance
from dex.market.events import BlockUpdate, PoolEvent, V3FeeChanged
from dex.market.pools import PoolInfo
from dex.market.price import PoolState
from dex.types import Address, BlockRef

_BREATH = 32
"""At full speed, other tasks get their turn after this many blocks."""


class RecordingSource:
    """Plays ``folder`` once, from the beginning or from the block given to ``start``, and then ends.

    Blocks without rows are left out, except for up to ``quiet_blocks`` after each recorded one: those are where an
    order that was decided on it is included, before its deadline, as it would have been on the chain.
    ``blocks_per_second`` paces the updates; None is full speed. ``digest`` is the sha256 of ``pool.json`` followed by
    ``events.csv.xz`` (``cat`` and ``sha256sum`` give the same). ``network`` lists the two recorded tokens.

    Reading takes about a second for 60,000 rows. Raises ``ConfigurationError`` with file and line.
    """

    def __init__(
        self,
        folder: Path,
        *,
        networks: Mapping[str, Network],
        blocks_per_second: float | None = None,
        quiet_blocks: int = 1,
    ) -> None:
        if blocks_per_second is not None and not blocks_per_second > 0:
            raise ConfigurationError("blocks per second must be above 0")
        header_path, rows_path = folder / "pool.json", folder / "events.csv.xz"
        header_bytes, rows_bytes = _read(header_path), _read(rows_path)
        header = parse_header(header_bytes, header_path)
        origin = sha256(header_bytes).digest()
        self._header = header
        self._origin = origin
        self._blocks = parse_rows(rows_bytes, header, origin, rows_path)
        self._interval = None if blocks_per_second is None else 1 / blocks_per_second
        self._quiet_blocks = quiet_blocks
        self._closed = asyncio.Event()
        self.digest = sha256(header_bytes + rows_bytes).hexdigest()
        self.network, self._clock = _network(header, networks, header_path)
        self.total_blocks = sum(1 + len(quiet) for _, quiet in self._schedule())
        self._upcoming: Iterator[BlockUpdate] = self._play()

    @property
    def chain_id(self) -> int:
        return self._header.chain_id

    @property
    def pool(self) -> PoolInfo:
        return self._header.pool

    @property
    def witness(self) -> None:
        return None

    async def head(self) -> None:
        """All blocks are still to come."""

    async def suggested_tip(self) -> int:
        return 0

    async def start(self, at_block: int | None = None) -> MarketStart:
        """The pool with its first price and no liquidity, at the block before the first recorded one.

        With ``at_block``, the state at the end of the newest played block that is not after it; ``updates`` goes on
        from there. Raises ``HistoryUnavailable`` outside the recording.
        """
        block = self._before_first()
        state: PoolState = self._header.state
        self._upcoming = self._play()
        if at_block is not None:
            if not block.number <= at_block <= self._header.last_block:
                raise HistoryUnavailable(f"block {at_block} is not in the recording")
            block, state = self._wind(at_block)
        pool = self._header.pool
        return MarketStart(
            block=block,
            tokens={token.address: token for token in self._header.tokens},
            pools={pool.address: pool},
            states={pool.address: state},
        )

    async def updates(self) -> AsyncIterator[BlockUpdate]:
        """Every block after the start's; ends with the recording or after ``close``."""
        begun = asyncio.get_running_loop().time()
        for index, update in enumerate(self._upcoming):
            await self._wait(index, begun)
            if self._closed.is_set():
                return
            yield update

    async def close(self) -> None:
        self._closed.set()

    async def _wait(self, index: int, begun: float) -> None:
        if self._interval is None:
            if index % _BREATH == 0:
                await asyncio.sleep(0)
            return
        due = begun + index * self._interval - asyncio.get_running_loop().time()
        if due > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), due)

    def _wind(self, at_block: int) -> tuple[BlockRef, PoolState]:
        block = self._before_first()
        state: PoolState = self._header.state
        for update in self._upcoming:
            if update.block.number > at_block:
                self._upcoming = chained((update,), self._upcoming)
                break
            block = update.block
            for event in update.events:
                state = advance(state, event)
        return block, state

    def _play(self) -> Iterator[BlockUpdate]:
        """The whole recording. ``V3FeeChanged`` goes before the events of a block whose fee is another one."""
        fee, parent = self._header.pool.fee_pips, self._before_first().hash
        for recorded, quiet in self._schedule():
            digest = recorded.digest
            for number in (recorded.number, *quiet):
                events = recorded.events if number == recorded.number else ()
                if number != recorded.number:
                    digest = sha256(digest + number.to_bytes(8, "big")).digest()
                if self._header.fees.at(number) != fee:
                    fee = self._header.fees.at(number)
                    events = (_fee_changed(self.pool.address, number, fee), *events)
                block = self._block(number, "0x" + digest.hex(), parent)
                parent = block.hash
                yield BlockUpdate(block=block, events=events)

    def _schedule(self) -> Iterator[tuple[RecordedBlock, range]]:
        """Each recorded block with the numbers of the quiet ones that follow it."""
        for index, recorded in enumerate(self._blocks):
            after = recorded.number + 1
            following = self._blocks[index + 1].number if index + 1 < len(self._blocks) else after
            yield recorded, range(after, min(after + self._quiet_blocks, following))

    def _before_first(self) -> BlockRef:
        return self._block(self._header.first_block - 1, "0x" + self._origin.hex(), "0x" + bytes(32).hex())

    def _block(self, number: int, block_hash: str, parent_hash: str) -> BlockRef:
        return BlockRef(
            number=number,
            hash=block_hash,
            parent_hash=parent_hash,
            timestamp=self._clock.timestamp(number),
            base_fee_per_gas=None,
        )


def _fee_changed(pool: Address, number: int, fee_pips: int) -> PoolEvent:
    return V3FeeChanged(pool=pool, block_number=number, tx_index=0, log_index=0, tx_hash="", fee_pips=fee_pips)


def _network(header: RecordingHeader, networks: Mapping[str, Network], path: Path) -> tuple[Network, BlockClock]:
    network = find_network(networks, header.chain_id)
    if network.clock is None:
        raise ConfigurationError(f"{path}: {network.name} has no [clock], so its blocks cannot be given times")
    addresses = [token.address for token in header.tokens]
    quote = network.wrapped_native if network.wrapped_native in addresses else addresses[0]
    return network.with_tokens(header.tokens, quote_token=quote), network.clock


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
