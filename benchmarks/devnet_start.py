"""How long the local chain takes until it is ready: the first time, the second time, and after a ten-minute run.

    python -m benchmarks.devnet_start [--blocks N]

Starts are those of ``DevnetChild``, as the bot does them, process and imports included. The long chain is made by the
timed devnet as fast as it goes. Last, its whole journal is played, as for checking old receipts. Prints a table and one
line of JSON; fails where a later start takes five seconds or more.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

from chain.devnet import checkpoints
from chain.devnet.child import DevnetChild
from chain.devnet.devnet import Devnet
from chain.devnet.miner import MinedBlock

MOST_SECONDS = 5.0
_NO_PAUSE = 0.05


def seconds_to_start(directory: Path, *, actors: bool = True) -> float:
    child = DevnetChild(directory, actors=actors)
    started = time.perf_counter()
    child.start()
    elapsed = time.perf_counter() - started
    child.stop()
    return elapsed


def grow(directory: Path, blocks: int) -> None:
    stop = threading.Event()

    def look(block: MinedBlock) -> None:
        if block.number >= blocks:
            stop.set()

    with Devnet(directory, block_time=_NO_PAUSE) as devnet:
        devnet.run(stop, look)


def main() -> int:
    parser = argparse.ArgumentParser(description="Start the local chain and measure it.")
    parser.add_argument("--blocks", type=int, default=725)
    blocks = parser.parse_args().blocks
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        cold, second = seconds_to_start(directory), seconds_to_start(directory)
        grow(directory, blocks)
        newest = checkpoints.newest(directory, blocks)
        resumed, frozen = seconds_to_start(directory), seconds_to_start(directory, actors=False)
    figures = {
        "benchmark": "devnet_start",
        "first_start_seconds": round(cold, 2),
        "second_start_seconds": round(second, 2),
        "blocks": blocks,
        "checkpoint_block": None if newest is None else newest.number,
        "resumed_start_seconds": round(resumed, 2),
        "frozen_start_seconds": round(frozen, 2),
        "replay_blocks_per_second": round(blocks / frozen, 1),
    }
    for figure, value in figures.items():
        print(f"{figure:<28}{value!s:>16}")
    print(json.dumps(figures))
    return 0 if max(second, resumed) < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
