"""When a session's worth is kept for its curve."""

from dex.types import BlockRef

EVERY_SECONDS = 60
_APART = 7
"""Sessions of one host keep theirs in different blocks: hundreds at once would be a burst."""


class Curve:
    """A point at the first block, at each one with a fill, and else once a minute of block time."""

    def __init__(self, session_id: int) -> None:
        self._offset = session_id * _APART
        self._kept: int | None = None

    def takes(self, block: BlockRef, equity: int | None, *, has_fills: bool) -> int | None:
        """``equity`` where it is to be kept. While it is unknown nothing is, and the next known one is."""
        minute = (block.timestamp + self._offset) // EVERY_SECONDS
        if equity is None or (minute == self._kept and not has_fills):
            return None
        self._kept = minute
        return equity

    def forget(self) -> None:
        """What was to be kept was not written: the next block is."""
        self._kept = None
