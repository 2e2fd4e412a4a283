"""How fast a host books the blocks that it sees: progress is what tells a healthy host from a living process."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from dex.types import BlockRef

BLOCKS = 120


class Pace:
    """The newest blocks of one host."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ticks: deque[Sequence[float]] = deque(maxlen=BLOCKS)
        self._block: BlockRef | None = None
        self._behind = 0.0

    def take(self, block: BlockRef, ticks_ms: Sequence[float]) -> None:
        """``ticks_ms`` are the milliseconds from the block's arrival to each session's commit."""
        self._block = block
        self._behind = max(0.0, self._clock() - block.timestamp)
        self._ticks.append(ticks_ms)

    def summary(self) -> dict[str, Any]:
        """For the host's row; nothing before its first block."""
        if self._block is None:
            return {}
        ranked = sorted(ms for ticks in self._ticks for ms in ticks)
        return {
            "block": self._block.number,
            "behind_seconds": round(self._behind, 1),
            "blocks": len(self._ticks),
            "ticks": len(ranked),
            "tick_p50_ms": _percentile(ranked, 50),
            "tick_p99_ms": _percentile(ranked, 99),
        }


def _percentile(ranked: Sequence[float], percent: int) -> float | None:
    return None if not ranked else round(ranked[max(0, -(-len(ranked) * percent // 100) - 1)], 1)
