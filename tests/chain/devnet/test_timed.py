"""The timed chain: real seconds, and a node that dies under it."""

import os
import signal
import threading
from pathlib import Path

import pytest

from chain.devnet.devnet import Devnet
from chain.devnet.errors import DevnetCrashed
from chain.devnet.miner import MinedBlock

pytestmark = pytest.mark.anvil


def test_a_timed_chain_makes_blocks_with_rising_times_until_told_to_stop(tmp_path: Path) -> None:
    stop, blocks = threading.Event(), list[MinedBlock]()

    def take(block: MinedBlock) -> None:
        blocks.append(block)
        if len(blocks) == 4:
            stop.set()

    with Devnet(tmp_path, block_time=0.2) as devnet:
        devnet.run(stop, take)
    times = [block.timestamp for block in blocks]
    assert times == sorted(set(times))
    assert all(block.tx_hashes for block in blocks)


def test_a_node_that_dies_under_a_timed_chain_is_reported(tmp_path: Path) -> None:
    with Devnet(tmp_path, block_time=0.1) as devnet:
        pid = devnet.node_pid
        with pytest.raises(DevnetCrashed):
            devnet.run(threading.Event(), lambda _: os.kill(pid, signal.SIGKILL))
