import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

import chain.networks
from chain.errors import ConfigurationError, HistoryUnavailable
from chain.networks import Network, load_networks
from chain.recording import RecordingSource
from chain.source import MarketSource
from dex.market.events import BlockUpdate, V3FeeChanged, V3Mint, V3Swap
from dex.market.state import MarketState
from tests.support import recording as recorded_data
from tests.support.small_recording import FIRST_BLOCK, ONE, POOL, TOKEN0, TOKEN1, SmallRecording, three_blocks

NETWORKS = load_networks(Path(chain.networks.__file__).parent)

needs_data = pytest.mark.skipif(not recorded_data.FOLDER.exists(), reason="the recorded pool is not beside the project")


def open_recording(
    folder: Path, *, quiet_blocks: int = 0, networks: dict[str, Network] | None = None
) -> RecordingSource:
    return RecordingSource(folder, networks=NETWORKS if networks is None else networks, quiet_blocks=quiet_blocks)


async def played(source: RecordingSource) -> list[BlockUpdate]:
    return [update async for update in source.updates()]


async def market_of(source: RecordingSource, at_block: int | None = None) -> MarketState:
    start = await source.start(at_block)
    market = MarketState(start.pools)
    market.load(start.block, start.states)
    async for update in source.updates():
        market.apply(update)
    return market


async def test_it_starts_with_a_price_and_no_liquidity_just_before_the_first_block(tmp_path: Path) -> None:
    start = await open_recording(three_blocks().write(tmp_path)).start()
    [state] = start.states.values()
    assert (start.block.number, state) == (FIRST_BLOCK - 1, SmallRecording().pool)


async def test_the_market_at_the_end_is_the_pool_that_was_recorded(tmp_path: Path) -> None:
    recording = three_blocks()
    source = open_recording(recording.write(tmp_path))
    market = await market_of(source)
    assert market.pool(source.pool.address) == recording.pool


async def test_rows_of_one_block_come_as_one_update(tmp_path: Path) -> None:
    updates = await played(open_recording(three_blocks().write(tmp_path)))
    assert [(update.block.number - FIRST_BLOCK, len(update.events)) for update in updates] == [(0, 1), (1, 2), (500, 1)]


async def test_each_block_names_the_one_before_it(tmp_path: Path) -> None:
    source = open_recording(three_blocks().write(tmp_path), quiet_blocks=3)
    start = await source.start()
    updates = await played(source)
    hashes = [start.block.hash, *(update.block.hash for update in updates)]
    assert [update.block.parent_hash for update in updates] == hashes[:-1]
    assert len(set(hashes)) == len(hashes)


async def test_a_block_hash_can_be_computed_from_the_files_alone(tmp_path: Path) -> None:
    recording = three_blocks()
    folder = recording.write(tmp_path)
    digest = hashlib.sha256((folder / "pool.json").read_bytes()).digest()
    for number, lines in ((0, recording.lines[:1]), (1, recording.lines[1:3]), (500, recording.lines[3:])):
        body = "".join(line + "\n" for line in lines).encode()
        digest = hashlib.sha256(digest + (FIRST_BLOCK + number).to_bytes(8, "big") + body).digest()
    updates = await played(open_recording(folder, quiet_blocks=2))
    assert updates[-1].block.hash == "0x" + digest.hex()


async def test_one_changed_digit_changes_every_hash_after_it(tmp_path: Path) -> None:
    recording = three_blocks()
    before = await played(open_recording(recording.write(tmp_path)))
    recording.lines[1] = recording.lines[1].replace(str(ONE), str(ONE + 1), 1)
    after = await played(open_recording(recording.write(tmp_path)))
    same = [one.block.hash == other.block.hash for one, other in zip(before, after, strict=True)]
    assert same == [True, False, False]


async def test_times_come_from_the_clock_and_fees_are_unknown(tmp_path: Path) -> None:
    updates = await played(open_recording(three_blocks().write(tmp_path)))
    assert updates[2].block.timestamp - updates[0].block.timestamp == 1000
    assert updates[0].block.base_fee_per_gas is None


async def test_a_quiet_block_follows_each_recorded_one_where_there_is_room(tmp_path: Path) -> None:
    updates = await played(open_recording(three_blocks().write(tmp_path), quiet_blocks=1))
    offsets = [update.block.number - FIRST_BLOCK for update in updates]
    assert offsets == [0, 1, 2, 500]
    assert updates[2].events == ()


async def test_quiet_blocks_leave_the_hashes_of_recorded_blocks_alone(tmp_path: Path) -> None:
    folder = three_blocks().write(tmp_path)
    bare = {update.block.number: update.block.hash for update in await played(open_recording(folder))}
    filled = {update.block.number: update.block.hash for update in await played(open_recording(folder, quiet_blocks=5))}
    assert bare.items() <= filled.items()


@pytest.mark.parametrize("quiet_blocks", [0, 1, 4])
async def test_total_blocks_is_the_number_of_updates(tmp_path: Path, quiet_blocks: int) -> None:
    source = open_recording(three_blocks().write(tmp_path), quiet_blocks=quiet_blocks)
    assert len(await played(source)) == source.total_blocks


@pytest.mark.parametrize("at", [-1, 0, 1, 2, 300, 500])
async def test_resuming_at_a_block_gives_what_an_uninterrupted_run_gives(tmp_path: Path, at: int) -> None:
    folder = three_blocks().write(tmp_path)
    source = open_recording(folder, quiet_blocks=1)
    whole = await market_of(open_recording(folder, quiet_blocks=1))
    resumed = await market_of(source, FIRST_BLOCK + at)
    assert (resumed.head, resumed.states) == (whole.head, whole.states)


async def test_a_resume_stands_on_the_newest_played_block_not_after_the_one_asked_for(tmp_path: Path) -> None:
    source = open_recording(three_blocks().write(tmp_path), quiet_blocks=1)
    start = await source.start(FIRST_BLOCK + 300)
    assert start.block.number == FIRST_BLOCK + 2


@pytest.mark.parametrize("at", [-2, 501])
async def test_a_block_outside_the_recording_is_refused(tmp_path: Path, at: int) -> None:
    with pytest.raises(HistoryUnavailable, match="is not in the recording"):
        await open_recording(three_blocks().write(tmp_path)).start(FIRST_BLOCK + at)


async def test_starting_again_plays_again_from_the_beginning(tmp_path: Path) -> None:
    source = open_recording(three_blocks().write(tmp_path))
    first = await played(source)
    await source.start()
    assert await played(source) == first


async def test_a_closed_source_ends(tmp_path: Path) -> None:
    source = open_recording(three_blocks().write(tmp_path))
    seen = 0
    async for _ in source.updates():
        seen += 1
        await source.close()
    assert seen == 1


async def test_closing_a_paced_source_does_not_wait_for_the_next_block(tmp_path: Path) -> None:
    source = RecordingSource(three_blocks().write(tmp_path), networks=NETWORKS, blocks_per_second=0.000_01)
    updates = source.updates()
    await anext(updates)
    following = asyncio.ensure_future(anext(updates, None))
    await asyncio.sleep(0)
    assert not following.done()
    await source.close()
    assert await following is None


async def test_a_paced_source_plays_the_same_blocks(tmp_path: Path) -> None:
    folder = three_blocks().write(tmp_path)
    paced = RecordingSource(folder, networks=NETWORKS, blocks_per_second=1000, quiet_blocks=0)
    assert await played(paced) == await played(open_recording(folder))


async def test_other_tasks_run_while_a_recording_plays_at_full_speed(tmp_path: Path) -> None:
    recording = SmallRecording()
    for i in range(100):
        recording.mint(FIRST_BLOCK + i)
    source = open_recording(recording.write(tmp_path))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await played(source)
    task.cancel()
    assert turns >= 3


async def test_a_change_of_fee_comes_before_the_events_of_its_block(tmp_path: Path) -> None:
    recording = SmallRecording(
        fee_schedule=[{"from_block": 0, "fee_pips": 3000}, {"from_block": FIRST_BLOCK + 3, "fee_pips": 500}]
    )
    recording.mint(FIRST_BLOCK)
    recording.pool = replace(recording.pool, fee_pips=500)
    recording.swap(FIRST_BLOCK + 9, ONE)
    source = open_recording(recording.write(tmp_path))
    market = await market_of(source)
    assert market.pool(source.pool.address) == recording.pool
    await source.start()
    changed = (await played(source))[1].events
    assert [type(event) for event in changed] == [V3FeeChanged, V3Swap]


async def test_a_fee_that_changes_and_returns_in_quiet_blocks_is_the_right_one_at_each(tmp_path: Path) -> None:
    schedule = [(0, 3000), (FIRST_BLOCK + 1, 500), (FIRST_BLOCK + 2, 3000)]
    recording = SmallRecording(fee_schedule=[{"from_block": block, "fee_pips": fee} for block, fee in schedule])
    recording.mint(FIRST_BLOCK)
    recording.swap(FIRST_BLOCK + 2, ONE)
    source = open_recording(recording.write(tmp_path), quiet_blocks=1)
    fees = [
        [event.fee_pips for event in update.events if isinstance(event, V3FeeChanged)]
        for update in await played(source)
    ]
    assert fees == [[], [500], [3000]]


def test_the_network_trades_the_two_recorded_tokens_in_the_wrapped_native_one(tmp_path: Path) -> None:
    source = open_recording(three_blocks().write(tmp_path))
    assert [token.address for token in source.network.tokens] == [TOKEN0, TOKEN1]
    assert (source.network.quote_token, source.chain_id, source.pool.address) == (TOKEN0, 10, POOL)


def test_without_the_wrapped_native_token_the_first_one_is_the_quote(tmp_path: Path) -> None:
    recording = three_blocks()
    recording.header = {"token0": "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85", "symbols": ["USDC", "OP"]}
    assert open_recording(recording.write(tmp_path)).network.quote_token == recording.header["token0"]


def test_only_the_model_can_judge_a_fill(tmp_path: Path) -> None:
    source: MarketSource = open_recording(three_blocks().write(tmp_path))
    assert source.witness is None


def test_the_digest_is_that_of_both_files_one_after_the_other(tmp_path: Path) -> None:
    folder = three_blocks().write(tmp_path)
    both = (folder / "pool.json").read_bytes() + (folder / "events.csv.xz").read_bytes()
    assert open_recording(folder).digest == hashlib.sha256(both).hexdigest()


def test_a_hostile_symbol_is_cleaned(tmp_path: Path) -> None:
    recording = three_blocks()
    recording.header = {"symbols": ["WE\u202eTH\x1b[2J", "OP"]}
    assert open_recording(recording.write(tmp_path)).network.tokens[0].symbol == "WETH[2J"


@pytest.mark.parametrize(
    ("line", "old", "new", "complaint"),
    [
        (1, ",swap,", ",flash,", "line 3: type 'flash' is none of swap, mint, burn"),
        (1, str(ONE), "1e18", "line 3: invalid literal"),
        (1, ",3000,", ",500,", "line 3: fee 500, but fee_schedule says 3000"),
        (1, ",in", "", "line 3: 12 fields instead of 13"),
        (1, "1,", "7,", "line 3: seq 7 instead of 1"),
        (1, str(FIRST_BLOCK + 1), str(FIRST_BLOCK - 1), "line 3: block .* is out of order"),
        (1, str(FIRST_BLOCK + 1), "soon", "line 3: invalid literal"),
        (
            3,
            str(FIRST_BLOCK + 500),
            str(FIRST_BLOCK + 501),
            "line 5: block .* is out of order or of the header's range",
        ),
        (3, str(FIRST_BLOCK + 500), str(FIRST_BLOCK + 400), "are not the header's range"),
        (2, ",2,swap", ",0,swap", "line 4: tx_index 0 is out of order"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, line: int, old: str, new: str, complaint: str) -> None:
    recording = three_blocks()
    assert old in recording.lines[line]
    recording.lines[line] = recording.lines[line].replace(old, new, 1)
    with pytest.raises(ConfigurationError, match=rf"events\.csv\.xz.*{complaint}"):
        open_recording(recording.write(tmp_path))


def test_rows_that_are_missing_are_noticed(tmp_path: Path) -> None:
    recording = three_blocks()
    del recording.lines[-1]
    with pytest.raises(ConfigurationError, match="0 burn rows, but the header counts 1"):
        open_recording(recording.write(tmp_path))


def test_a_recording_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no rows"):
        open_recording(SmallRecording().write(tmp_path))


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ({"chain_id": 424242}, "unknown chain 424242"),
        ({"chain_id": 1}, "ethereum has no .clock."),
        ({"pool": "0x12"}, "pool must be an address"),
        ({"token0": TOKEN1, "token1": TOKEN0}, "token0 must be below token1"),
        ({"symbols": ["WETH"]}, "symbols and decimals must be lists of two"),
        ({"decimals": [18, 400]}, "decimals must be an integer"),
        ({"initial_sqrt_price_x96": "0"}, "make no pool"),
        ({"initial_sqrt_price_x96": None}, "make no pool"),
        ({"initial_tick": 5}, "initial_tick is not the tick of"),
        ({"tick_spacing": 0}, "tick_spacing must be an integer of at least 1"),
        ({"fee_schedule": []}, "fee_schedule must be"),
        (
            {"fee_schedule": [{"from_block": 5, "fee_pips": 1}, {"from_block": 5, "fee_pips": 2}]},
            "fee_schedule must be",
        ),
        ({"last_block": 3}, "last_block must be an integer of at least"),
        ({"counts": {"swap": 2}}, "mint is missing"),
        ({"counts": None}, "counts"),
    ],
)
def test_a_bad_header_is_named_with_its_key(tmp_path: Path, header: dict[str, object], complaint: str) -> None:
    recording = three_blocks()
    recording.header = header
    with pytest.raises(ConfigurationError, match=complaint):
        open_recording(recording.write(tmp_path))


@pytest.mark.parametrize("content", [b"not json", b"[1]", b"\xff"])
def test_a_header_that_is_no_json_object_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = three_blocks().write(tmp_path)
    (folder / "pool.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"pool\.json: is not"):
        open_recording(folder)


@pytest.mark.parametrize("name", ["pool.json", "events.csv.xz"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = three_blocks().write(tmp_path)
    (folder / name).unlink()
    with pytest.raises(ConfigurationError, match=rf"{name}: cannot be read: No such file"):
        open_recording(folder)


def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    rows = three_blocks().write(tmp_path) / "events.csv.xz"
    rows.write_bytes(rows.read_bytes()[:-20])
    with pytest.raises(ConfigurationError, match="cannot be decompressed"):
        open_recording(tmp_path)


@pytest.mark.parametrize("pace", [0, -1, float("nan")])
def test_a_pace_that_never_moves_is_refused(tmp_path: Path, pace: float) -> None:
    with pytest.raises(ConfigurationError, match="must be above 0"):
        RecordingSource(three_blocks().write(tmp_path), networks=NETWORKS, blocks_per_second=pace)


@pytest.fixture(scope="module")
def whole_recording() -> RecordingSource:
    return open_recording(recorded_data.FOLDER, quiet_blocks=1)


@needs_data
@pytest.mark.recording
async def test_the_recorded_pool_ends_where_the_chain_left_it(whole_recording: RecordingSource) -> None:
    header = json.loads((recorded_data.FOLDER / "pool.json").read_text(encoding="utf-8"))
    market = await market_of(whole_recording)
    pool, last = market.pool(whole_recording.pool.address), header["last_swap"]
    assert (pool.sqrt_price_x96, pool.tick) == (int(last["sqrt_price_x96"]), last["tick"])
    assert market.head.number == header["last_block"]


@needs_data
@pytest.mark.recording
async def test_the_recording_holds_every_event_and_first_a_mint(whole_recording: RecordingSource) -> None:
    await whole_recording.start()
    events = [event for update in await played(whole_recording) for event in update.events]
    assert len(events) == 46_195 + 7_019 + 6_287
    assert isinstance(events[0], V3Mint)
