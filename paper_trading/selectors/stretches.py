"""A long curve in few points: equal stretches of blocks, and of each the first, the lowest, the highest, the last, and
where its deepest fall began and ended.

A stretch of two is put together from both, so that points can be added later with the same result as all at once: the
deepest fall of both is one of theirs, or from the highest of the first to the lowest of the second (of worths that are
not below zero: what falls further has no measure).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

MOST_STRETCHES = 125


class Place(NamedTuple):
    """``equity`` in base units of the quote token, at the end of ``block``; of two in a block that with the higher
    ``pk`` is the later one."""

    block: int
    pk: int
    at: datetime
    equity: int


class Stretch(NamedTuple):
    """``peak`` and ``trough`` are those of the deepest fall, measured by its peak."""

    opens: Place
    low: Place
    high: Place
    closes: Place
    peak: Place
    trough: Place


class Thinned(NamedTuple):
    """Stretch ``n`` has the places of blocks ``n * width`` up to the next one's; ``width`` is a power of two."""

    width: int
    stretches: Mapping[int, Stretch]

    def places(self) -> list[Place]:
        """Oldest first, one a moment: a session may end in the block in which the account's next one starts."""
        every = {place.at: place for _, stretch in sorted(self.stretches.items()) for place in sorted(stretch)}
        return [every[at] for at in sorted(every)]

    def since(self, block: int) -> int:
        """The first block of the stretch that ``block`` is in."""
        return block - block % self.width

    def before(self, block: int) -> "Thinned":
        """Without the stretch that ``block`` is in and those that follow."""
        kept = {number: one for number, one in self.stretches.items() if number < block // self.width}
        return Thinned(self.width, kept)

    def with_places(self, places: Iterable[Place]) -> "Thinned":
        parts = {number: [one] for number, one in self.stretches.items()}
        for place in places:
            parts.setdefault(place.block // self.width, []).append(Stretch(*[place] * len(Stretch._fields)))
        return _narrowed(self.width, parts)


NOTHING = Thinned(1, {})


def width_of(first: int, last: int) -> int:
    """The least power of two of which ``MOST_STRETCHES`` are enough for the blocks from ``first`` to ``last``.

    >>> width_of(10, 10), width_of(0, 124), width_of(0, 125), width_of(127, 252)
    (1, 1, 2, 2)
    """
    width = 1
    while last // width - first // width >= MOST_STRETCHES:
        width *= 2
    return width


def joined(parts: Iterable[Stretch]) -> Stretch:
    """Where the lowest, the highest or the deepest was reached more than once, the first time counts."""
    every = sorted(parts)
    low, high, deepest = every[0].low, every[0].high, every[0]
    peak, trough = deepest.peak, deepest.trough
    for one in every[1:]:
        for start, end in ((one.peak, one.trough), (high, one.low)):
            if is_deeper(start.equity, end.equity, than=(peak.equity, trough.equity)):
                peak, trough = start, end
        low = one.low if one.low.equity < low.equity else low
        high = one.high if one.high.equity > high.equity else high
    return Stretch(every[0].opens, low, high, max(one.closes for one in every), peak, trough)


def is_deeper(peak: int, trough: int, *, than: tuple[int, int]) -> bool:
    """Measured by its peak; from nothing nothing falls.

    >>> is_deeper(100, 80, than=(1_000, 801)), is_deeper(-5, -9, than=(100, 100)), is_deeper(10, 5, than=(20, 10))
    (True, False, False)
    """
    other_peak, other_trough = than
    if peak <= 0 or trough >= peak:
        return False
    return other_peak <= 0 or (peak - trough) * other_peak > (other_peak - other_trough) * peak


def _narrowed(width: int, parts: Mapping[int, list[Stretch]]) -> Thinned:
    if not parts:
        return Thinned(width, {})
    wider = width_of(min(parts) * width, max(parts) * width)
    width_now = max(width, wider)
    groups: dict[int, list[Stretch]] = {}
    for number, every in parts.items():
        groups.setdefault(number * width // width_now, []).extend(every)
    return Thinned(width_now, {number: joined(every) for number, every in groups.items()})
