"""Makes checkpoints beside a running chain, on a second node that plays the same blocks some hundred blocks later.

The running node is left alone: its own dump would hold the traces of all its transactions and grow without bound.
"""

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path

from chain.devnet import checkpoints, miner, node
from chain.devnet.checkpoints import Checkpoint
from chain.devnet.journal import JournalBlock
from chain.devnet.rpc import Rpc
from dex.errors import DexError

_MOST_AT_ONCE = 200
"""Blocks from one checkpoint to the next: a long way is gone in steps, so that ending in between loses little."""


def make(
    directory: Path,
    genesis_timestamp: int,
    base: Checkpoint | None,
    blocks: Sequence[JournalBlock],
    cancelled: threading.Event,
) -> Checkpoint | None:
    """The checkpoint of the last of ``blocks``, which follow on ``base``'s (None: genesis) and end with an empty quiet
    one; None where it was cancelled. Raises ``ReplayDiverged`` and what a node may raise."""
    second = node.start(directory, genesis_timestamp, checkpoint=base, background=True)
    try:
        with Rpc(second.url) as rpc:
            if base is not None:
                rpc.call("evm_setBlockGasLimit", hex(miner.head(rpc).gas_limit))
            for block in blocks:
                if cancelled.is_set():
                    return None
                miner.replay(rpc, block)
            last = blocks[-1]
            miner.check_hash(miner.head(rpc), last.plan.number, last.hash)
            return checkpoints.write(directory, last.plan.number, rpc.call("anvil_dumpState"))
    finally:
        second.stop()


def eligible(block: JournalBlock) -> bool:
    """Only there is a loaded state the same as one that was lived: see ``miner.settle``."""
    return miner.is_quiet(block.plan.number) and not block.plan.transactions


class Checkpointer:
    """``played`` are all blocks since ``base``, to which others append; those before the newest checkpoint are dropped.

    Checkpoints only make the next start quicker, so one that fails is not reported: it is the last that was tried.
    """

    def __init__(
        self, directory: Path, genesis_timestamp: int, base: Checkpoint | None, played: list[JournalBlock]
    ) -> None:
        self._directory = directory
        self._genesis_timestamp = genesis_timestamp
        self._base = base
        self._played = played
        self._cancelled = threading.Event()
        self._work: threading.Thread | None = None
        self._failed = False

    def look(self) -> None:
        """Begins the next checkpoint in the background where one is due."""
        if self._failed or (self._work is not None and self._work.is_alive()):
            return
        if self._base is not None:
            self._played[:] = [block for block in self._played if block.plan.number > self._base.number]
        settled = self._played[: max(0, min(len(self._played) - checkpoints.HISTORY, _MOST_AT_ONCE))]
        while settled and not eligible(settled[-1]):
            settled.pop()
        if settled:
            self._work = threading.Thread(target=self._make, args=(settled,), daemon=True)
            self._work.start()

    def close(self) -> None:
        """Gives up what is being made."""
        self._cancelled.set()
        if self._work is not None:
            self._work.join()

    def _make(self, blocks: Sequence[JournalBlock]) -> None:
        self._failed = True
        with contextlib.suppress(DexError, OSError):
            self._base = (
                make(self._directory, self._genesis_timestamp, self._base, blocks, self._cancelled) or self._base
            )
            self._failed = False
