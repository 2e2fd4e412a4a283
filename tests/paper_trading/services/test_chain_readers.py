"""A recording is read at any block, in any order, as if it had been played up to it."""

from pathlib import Path as FilePath

import chain.networks
from chain.networks import load_networks
from chain.recording import RecordingSource
from dex.market.pools import Protocol
from dex.market.price import PoolState
from dex.routing.plan import Hop, Path
from dex.types import Address, BlockRef
from paper_trading.services.chain_readers import RecordingReader
from tests.support.small_recording import FIRST_BLOCK, POOL, TOKEN0, TOKEN1, three_blocks

NETWORKS = load_networks(FilePath(chain.networks.__file__).parent)
PATH = Path(
    hops=(
        Hop(
            pool=Address(POOL),
            protocol=Protocol.V3,
            token_in=Address(TOKEN0),
            token_out=Address(TOKEN1),
            fee_pips=3000,
        ),
    )
)
LAST = FIRST_BLOCK + 500


def opened(folder: FilePath) -> RecordingReader:
    recording = three_blocks()
    return RecordingReader(RecordingSource(recording.write(folder), networks=NETWORKS))


async def played(folder: FilePath) -> dict[int, tuple[BlockRef, PoolState]]:
    """Every block with the state that the source itself gives when it starts there."""
    source = RecordingSource(three_blocks().write(folder), networks=NETWORKS)
    found = {}
    for number in (FIRST_BLOCK - 1, FIRST_BLOCK, FIRST_BLOCK + 1, FIRST_BLOCK + 2, LAST):
        start = await source.start(number)
        found[number] = start.block, start.states[Address(POOL)]
    return found


async def read(reader: RecordingReader, number: int) -> tuple[BlockRef, PoolState]:
    block = await reader.block(number)
    assert block is not None
    return block, (await reader.states(PATH, block))[Address(POOL)]


async def test_forwards_every_block_has_its_own_state(tmp_path: FilePath) -> None:
    reader, known = opened(tmp_path), await played(tmp_path)
    assert {number: await read(reader, number) for number in sorted(known)} == known
    assert len({state for _, state in known.values()}) == 4


async def test_backwards_they_are_the_same(tmp_path: FilePath) -> None:
    reader, known = opened(tmp_path), await played(tmp_path)
    assert {number: await read(reader, number) for number in sorted(known, reverse=True)} == known


async def test_a_block_that_was_not_recorded_is_not_there(tmp_path: FilePath) -> None:
    reader = opened(tmp_path)
    assert await reader.block(FIRST_BLOCK + 100) is None
    assert await reader.block(LAST + 10) is None
    assert await reader.block(0) is None


async def test_asking_for_a_missing_block_spoils_nothing(tmp_path: FilePath) -> None:
    reader, known = opened(tmp_path), await played(tmp_path)
    await reader.block(FIRST_BLOCK + 100)
    assert await read(reader, LAST) == known[LAST]
    await reader.block(LAST + 10)
    assert await read(reader, FIRST_BLOCK + 1) == known[FIRST_BLOCK + 1]


async def test_a_recording_has_no_node_to_ask(tmp_path: FilePath) -> None:
    assert opened(tmp_path).witness is None
