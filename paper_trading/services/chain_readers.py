"""Reads blocks and pools for the verifier: from a node, or from a recording played once more."""

from chain.node_source import NodeSource
from chain.pools import states_on
from chain.recording import RecordingSource
from chain.simulate import NodeWitness
from dex.market.advance import advance
from dex.market.price import PoolState
from dex.routing.plan import Path
from dex.types import Address, BlockRef

KEPT_BLOCKS = 512
"""Blocks that a recording's reader remembers: those between an order's decision and its fill are asked for again."""


class NodeReader:
    """Every answer comes from the node at the very block, nothing from what the bot built out of events."""

    def __init__(self, source: NodeSource) -> None:
        self._source = source

    @property
    def witness(self) -> NodeWitness:
        return self._source.witness

    async def block(self, number: int) -> BlockRef | None:
        return await self._source.client.block(number)

    async def states(self, path: Path, block: BlockRef) -> dict[Address, PoolState]:
        return dict(await states_on(self._source.client, path, block))


class RecordingReader:
    """Plays the recording forwards to each block that is asked for; asking in order plays it once."""

    def __init__(self, source: RecordingSource) -> None:
        self._source = source
        self._blocks: dict[int, BlockRef] = {}
        self._states: dict[Address, PoolState] = {}
        self._at = -1
        self._play = source.updates()

    @property
    def witness(self) -> None:
        return None

    async def block(self, number: int) -> BlockRef | None:
        if next(iter(self._blocks), number + 1) > number:
            await self._rewind()
        await self._wind(number)
        return self._blocks.get(number)

    async def states(self, path: Path, block: BlockRef) -> dict[Address, PoolState]:
        if block.number < self._at:
            await self._rewind()
        await self._wind(block.number)
        return {hop.pool: self._states[hop.pool] for hop in path.hops}

    async def _wind(self, number: int) -> None:
        while self._at < number:
            update = await anext(self._play, None)
            if update is None:
                return
            self._at = update.block.number
            self._blocks[self._at] = update.block
            if len(self._blocks) > KEPT_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            for event in update.events:
                self._states[event.pool] = advance(self._states[event.pool], event)

    async def _rewind(self) -> None:
        start = await self._source.start()
        self._states = dict(start.states)
        self._at = start.block.number
        self._blocks = {self._at: start.block}
        self._play = self._source.updates()
