"""The market rebuilt from events equals the market as the pools have it, whatever was taken back on the way."""

import copy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dex.errors import HaltSession, Retryable
from dex.market.errors import MarketCorrupt, MarketGap, RewindTooDeep
from dex.market.events import BlockUpdate, V2Sync, V3Burn, V3FeeChanged, V3Mint, V3SetFeeProtocol
from dex.market.state import MarketState
from tests.dex.market.chains import INFOS, STRANGER, V2, V3, Actor, block, genesis_states


def fresh(**kept: int) -> MarketState:
    market = MarketState(INFOS, **kept)
    market.load(block(0), genesis_states())
    return market


def seen(market: MarketState) -> tuple[object, ...]:
    """All that a bot can see of a market."""
    shot = market.snapshot()
    return (
        shot.head,
        dict(shot.states),
        shot.launches,
        {pool: (shot.trades(pool), shot.candles(pool)) for pool in INFOS},
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), blocks=st.integers(1, 30))
def test_rebuilt_state_equals_the_pools_own_at_every_block(seed: int, blocks: int) -> None:
    market, actor = fresh(), Actor(genesis_states(), seed)
    truth = {}
    for number in range(1, blocks + 1):
        market.apply(actor.update(block(number)))
        truth[number] = dict(actor.states)
    for number, states in truth.items():
        assert market.states_at(number) == states
        assert market.pool_at(V3, number) == states[V3]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), common=st.integers(0, 25), lost=st.integers(1, 12), after=st.integers(1, 12))
def test_a_reorg_leaves_no_trace(seed: int, common: int, lost: int, after: int) -> None:
    keep = {"keep_blocks": 16, "keep_trades": 5, "keep_candles": 3}
    market, straight, actor = fresh(**keep), fresh(**keep), Actor(genesis_states(), seed)
    for number in range(1, common + 1):
        update = actor.update(block(number))
        market.apply(update)
        straight.apply(update)
    other = copy.deepcopy(actor)
    other.rng.seed(seed + 1)
    gone = [block(common + i, fork="b", parent_fork="a" if i == 1 else "b") for i in range(1, lost + 1)]
    for ref in gone:
        market.apply(other.update(ref))
    for i in range(1, after + 1):
        update = actor.update(block(common + i))
        market.apply(replace(update, removed=tuple(reversed(gone))) if i == 1 else update)
        straight.apply(update)
    assert seen(market) == seen(straight)


@given(seed=st.integers(0, 10**6), back=st.integers(0, 10))
@settings(max_examples=30, deadline=None)
def test_rewinding_gives_what_was_seen_then(seed: int, back: int) -> None:
    market, actor = fresh(), Actor(genesis_states(), seed)
    pictures = [seen(market)]
    for number in range(1, 11):
        market.apply(actor.update(block(number)))
        pictures.append(seen(market))
    market.rewind(10 - back)
    assert seen(market) == pictures[10 - back]


def test_a_snapshot_stays_as_it_was_while_the_market_moves_on() -> None:
    market, actor = fresh(), Actor(genesis_states(), 3)
    for number in range(1, 10):
        market.apply(actor.update(block(number)))
    shot = market.snapshot()
    before = (shot.head, dict(shot.states), shot.trades(V2), shot.candles(V3), shot.launches)
    market.rewind(4)
    for number in range(5, 30):
        market.apply(BlockUpdate(block=block(number), events=()))
    assert (shot.head, dict(shot.states), shot.trades(V2), shot.candles(V3), shot.launches) == before


def test_a_block_that_does_not_follow_is_a_gap_and_changes_nothing() -> None:
    market = fresh()
    before = seen(market)
    with pytest.raises(MarketGap):
        market.apply(BlockUpdate(block=block(2), events=()))
    assert seen(market) == before
    assert issubclass(MarketGap, Retryable)


def test_numbers_may_jump_when_the_parent_hash_agrees() -> None:
    market = fresh()
    later = replace(block(40), parent_hash=block(0).hash)
    market.apply(BlockUpdate(block=later, events=()))
    assert market.head == later
    assert market.pool_at(V2, 17) == genesis_states()[V2]
    assert market.block_at(17) is None
    assert market.block_at(40) == later


def test_removing_a_block_that_is_not_our_head_is_a_gap() -> None:
    market = fresh()
    market.apply(BlockUpdate(block=block(1), events=()))
    with pytest.raises(MarketGap):
        market.apply(BlockUpdate(block=block(1), events=(), removed=(block(1, fork="b"),)))


def test_removing_the_loaded_block_asks_for_another_load() -> None:
    market = fresh()
    with pytest.raises(MarketGap):
        market.apply(BlockUpdate(block=block(0, fork="b"), events=(), removed=(block(0),)))


def test_a_rewind_under_the_kept_blocks_halts() -> None:
    market = fresh(keep_blocks=4)
    for number in range(1, 10):
        market.apply(BlockUpdate(block=block(number), events=()))
    market.rewind(6)
    with pytest.raises(RewindTooDeep):
        market.rewind(5)
    with pytest.raises(RewindTooDeep):
        market.apply(BlockUpdate(block=block(6, fork="b"), events=(), removed=(block(6),)))
    assert issubclass(RewindTooDeep, HaltSession)


def test_blocks_after_lists_the_candidates_for_inclusion() -> None:
    market = fresh()
    for number in range(1, 6):
        market.apply(BlockUpdate(block=block(number), events=()))
    assert market.blocks_after(3) == (block(4), block(5))


PLACE = {"pool": V3, "block_number": 1, "tx_index": 0, "log_index": 0, "tx_hash": ""}
RANGE = {"tick_lower": -10, "tick_upper": 10}


def test_a_burn_of_liquidity_that_is_not_there_halts_and_leaves_the_state() -> None:
    market = fresh()
    before = seen(market)
    burn = V3Burn(**PLACE, **RANGE, liquidity=1, amount0=0, amount1=0)
    with pytest.raises(MarketCorrupt):
        market.apply(BlockUpdate(block=block(1), events=(burn,)))
    assert seen(market) == before
    assert issubclass(MarketCorrupt, HaltSession)


def test_a_mint_whose_amounts_our_state_does_not_give_halts() -> None:
    mint = V3Mint(**PLACE, **RANGE, liquidity=10**18, amount0=1, amount1=1)
    with pytest.raises(MarketCorrupt, match="our state says"):
        fresh().apply(BlockUpdate(block=block(1), events=(mint,)))


def test_a_poke_changes_nothing() -> None:
    market = fresh()
    market.apply(BlockUpdate(block=block(1), events=(V3Burn(**PLACE, **RANGE, liquidity=0, amount0=0, amount1=0),)))
    assert market.pool(V3) == genesis_states()[V3]


def test_an_event_of_the_other_protocol_halts() -> None:
    sync = V2Sync(**PLACE, reserve0=1, reserve1=1)
    with pytest.raises(MarketCorrupt):
        fresh().apply(BlockUpdate(block=block(1), events=(sync,)))


def test_an_event_of_another_block_halts() -> None:
    sync = V2Sync(**(PLACE | {"pool": V2, "block_number": 7}), reserve0=1, reserve1=1)
    with pytest.raises(MarketCorrupt):
        fresh().apply(BlockUpdate(block=block(1), events=(sync,)))


def test_an_unknown_pool_is_ignored() -> None:
    market = fresh()
    sync = V2Sync(**(PLACE | {"pool": STRANGER}), reserve0=1, reserve1=1)
    market.apply(BlockUpdate(block=block(1), events=(sync,)))
    assert market.states == genesis_states()


def test_fees_follow_their_events_and_are_undone_with_them() -> None:
    market = fresh()
    fee = V3FeeChanged(**PLACE, fee_pips=700)
    protocol = V3SetFeeProtocol(**PLACE, fee_protocol0=4, fee_protocol1=5)
    market.apply(BlockUpdate(block=block(1), events=(fee, protocol)))
    pool = market.pool(V3)
    assert (pool.fee_pips, pool.fee_protocol0, pool.fee_protocol1) == (700, 4, 5)
    market.rewind(0)
    assert market.pool(V3) == genesis_states()[V3]


def test_nothing_can_be_asked_before_the_first_load() -> None:
    with pytest.raises(MarketGap):
        _ = MarketState(INFOS).head
