"""A long curve in few points: equal stretches of blocks, and of each the first, the lowest, the highest and the last.

A stretch of two is put together from both, so that points can be added later with the same result as all at once.
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
    opens: Place
    low: Place
    high: Place
    closes: Place


class Thinned(NamedTuple):
    """Stretch ``n`` has the places of blocks ``n * width`` up to the next one's; ``width`` is a power of two."""

    width: int
    stretches: Mapping[int, Stretch]

    def places(self) -> list[Place]:
        """Oldest first, one a moment: a session may end in the block in which the account's next one starts."""
        every = {place.at: place for stretch in self.stretches.values() for place in sorted(stretch)}
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
            parts.setdefault(place.block // self.width, []).append(Stretch(place, place, place, place))
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
    """Where the lowest or the highest worth was reached more than once, the first time counts."""
    every = list(parts)
    return Stretch(
        opens=min(one.opens for one in every),
        low=min((one.low for one in every), key=lambda place: (place.equity, place.block)),
        high=max((one.high for one in every), key=lambda place: (place.equity, -place.block)),
        closes=max(one.closes for one in every),
    )


def _narrowed(width: int, parts: Mapping[int, list[Stretch]]) -> Thinned:
    if not parts:
        return Thinned(width, {})
    wider = width_of(min(parts) * width, max(parts) * width)
    width_now = max(width, wider)
    groups: dict[int, list[Stretch]] = {}
    for number, every in parts.items():
        groups.setdefault(number * width // width_now, []).extend(every)
    return Thinned(width_now, {number: joined(every) for number, every in groups.items()})
