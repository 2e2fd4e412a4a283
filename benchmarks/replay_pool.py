"""How fast the pool model replays the recorded pool, trade by trade, every result compared with the recording.

    python -m benchmarks.replay_pool [--repeat N]

Measured is the whole replay of swaps, mints and burns in memory; reading the file is not. The best of the repeats
counts, and CPU time stands beside wall time, because the machine may be busy with something else. Prints a table and
one line of JSON.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dex.amm import ConcentratedPool
from tests.support import recording
from tests.support.recording import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    seconds: float
    cpu_seconds: float
    swap_seconds: float
    swaps: int
    changes: int
    mismatches: int


def swap_inputs(row: Row) -> tuple[int, bool, int | None]:
    """amount_specified, direction and price limit that reproduce a recorded swap."""
    zero_for_one = row.amount0 > 0
    received, given = (row.amount0, row.amount1) if zero_for_one else (row.amount1, row.amount0)
    if row.replay_mode == "in+lim":
        return received * 2 + 1, zero_for_one, row.sqrt_price_x96
    return (given if row.replay_mode == "out" else received), zero_for_one, None


def replay(rows: Sequence[Row], pool: ConcentratedPool) -> Replay:
    swaps = changes = mismatches = 0
    swap_seconds = 0.0
    started, cpu_started = time.perf_counter(), time.process_time()
    for row in rows:
        if row.fee_pips != pool.fee_pips:
            pool = replace(pool, fee_pips=row.fee_pips)
        if row.kind != "swap":
            change = pool.mint if row.kind == "mint" else pool.burn
            pool, amount0, amount1 = change(row.tick_lower, row.tick_upper, row.liquidity)
            mismatches += (amount0, amount1) != (row.amount0, row.amount1)
            changes += 1
            continue
        amount, zero_for_one, limit = swap_inputs(row)
        before = time.perf_counter()
        pool, result = pool.swap(amount, zero_for_one, limit)
        swap_seconds += time.perf_counter() - before
        swaps += 1
        mismatches += (
            result.amount0 != row.amount0
            or result.amount1 != row.amount1
            or result.sqrt_price_x96 != row.sqrt_price_x96
            or result.liquidity != row.liquidity
            or result.tick != row.tick
        )
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    return Replay(
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        swap_seconds=swap_seconds,
        swaps=swaps,
        changes=changes,
        mismatches=mismatches,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Replay the recorded pool and measure it.")
    parser.add_argument("--repeat", type=int, default=5)
    repeat = max(1, parser.parse_args().repeat)
    if not recording.FOLDER.is_dir():
        print(f"no recorded chain data in {recording.FOLDER}", file=sys.stderr)
        return 1
    rows = list(recording.rows())
    start = recording.start()
    best = min((replay(rows, start) for _ in range(repeat)), key=lambda run: run.seconds)
    figures = {
        "benchmark": "replay_pool",
        "swaps": best.swaps,
        "mints_and_burns": best.changes,
        "mismatches": best.mismatches,
        "swaps_per_second": round(best.swaps / best.seconds),
        "swaps_per_cpu_second": round(best.swaps / best.cpu_seconds),
        "swap_calls_per_second": round(best.swaps / best.swap_seconds),
        "seconds": round(best.seconds, 3),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    for name, value in figures.items():
        print(f"{name:<24}{value:>16}")
    print(json.dumps(figures))
    return 0 if best.mismatches == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
