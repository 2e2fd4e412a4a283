"""An append-only history that can be rewound and seen as it was.

A view stays valid while the tape moves on: the list only grows, and whatever shortens it makes a new list.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TapeView(Generic[T]):
    """The last ``keep`` items at the moment that the view was taken."""

    _items: list[T]
    _stop: int
    _keep: int

    def last(self, limit: int | None = None) -> tuple[T, ...]:
        """The newest ``limit`` items, oldest first; all that are kept when None."""
        size = self._keep if limit is None else min(limit, self._keep)
        return tuple(self._items[max(0, self._stop - size) : self._stop])


class Tape(Generic[T]):
    """Keeps ``keep`` items beside all those of blocks that may still be rewound, so that a rewind loses nothing."""

    __slots__ = ("_block_of", "_items", "_keep", "_trim_at")

    def __init__(self, *, keep: int, block_of: Callable[[T], int]) -> None:
        self._items: list[T] = []
        self._keep = keep
        self._block_of = block_of
        self._trim_at = 2 * keep

    def append(self, item: T, *, floor: int) -> None:
        """``floor`` is the oldest block that may still be rewound to."""
        self._items.append(item)
        if len(self._items) >= self._trim_at:
            self._trim(floor)

    def view(self) -> TapeView[T]:
        return TapeView(self._items, len(self._items), self._keep)

    def rewind(self, block_number: int) -> None:
        """Forgets the items of later blocks."""
        if self._items and self._block_of(self._items[-1]) > block_number:
            self._items = self._items[: bisect_right(self._items, block_number, key=self._block_of)]

    def _trim(self, floor: int) -> None:
        settled = bisect_right(self._items, floor, key=self._block_of)
        if settled > self._keep:
            self._items = self._items[settled - self._keep :]
        self._trim_at = len(self._items) + self._keep
