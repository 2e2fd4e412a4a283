"""Real trades of 2024, replayed: every integer that the chain logged must come out again."""

from collections import Counter
from dataclasses import replace

import pytest

from dex.amm import ConcentratedPool
from tests.support import recording
from tests.support.recording import Row

pytestmark = [
    pytest.mark.recording,
    pytest.mark.skipif(not recording.FOLDER.is_dir(), reason=f"no recorded chain data in {recording.FOLDER}"),
]


def test_every_recorded_event_replays_to_the_unit() -> None:
    pool = recording.start()
    mismatches = []
    counts: Counter[str] = Counter()
    for row in recording.rows():
        if pool.fee_pips != row.fee_pips:
            pool = replace(pool, fee_pips=row.fee_pips)
        pool, ours, recorded = _replayed(pool, row)
        counts[row.kind] += 1
        if ours != recorded:
            mismatches.append((row.seq, ours, recorded))
    assert mismatches == []
    assert counts == {"swap": 46_195, "mint": 7_019, "burn": 6_287}


def _replayed(pool: ConcentratedPool, row: Row) -> tuple[ConcentratedPool, tuple[int, ...], tuple[int | None, ...]]:
    if row.kind != "swap":
        change = pool.mint if row.kind == "mint" else pool.burn
        pool, amount0, amount1 = change(row.tick_lower, row.tick_upper, row.liquidity)
        return pool, (amount0, amount1), (row.amount0, row.amount1)
    zero_for_one = row.amount0 > 0
    received, given = (row.amount0, row.amount1) if zero_for_one else (row.amount1, row.amount0)
    amount = given if row.replay_mode == "out" else received
    limit = None
    if row.replay_mode == "in+lim":
        # The sender offered more than the price limit let in; how much more left no trace.
        amount, limit = received * 2 + 1, row.sqrt_price_x96
    pool, result = pool.swap(amount, zero_for_one, limit)
    ours = (result.amount0, result.amount1, result.sqrt_price_x96, result.liquidity, result.tick)
    return pool, ours, (row.amount0, row.amount1, row.sqrt_price_x96, row.liquidity, row.tick)
