"""One endpoint beside an empty view: both are asked in turn, in short rounds, so that both meet the same noise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from statistics import median
from typing import Any

from benchmarks.support.http_load import Load

EMPTY = "/empty/"
A_ROUND = 3
"""Requests of each worker in one round: about as long as an answer that the machine held up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Milliseconds of the endpoint and of the empty view, by round."""

    own: list[list[float]] = field(default_factory=list)
    empty: list[list[float]] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        own, empty = list(chain(*self.own)), list(chain(*self.empty))
        pairs = list(zip(self.own, self.empty, strict=True))
        return {
            "p50_ms": percentile(own, 50),
            "p95_ms": percentile(own, 95),
            "empty_p50_ms": percentile(empty, 50),
            "empty_p95_ms": percentile(empty, 95),
            "p50_ratio": round(percentile(own, 50) / percentile(empty, 50), 2),
            "p95_ratio": round(percentile(own, 95) / percentile(empty, 95), 2),
            "round_p50_ratio": round(median(percentile(a, 50) / percentile(b, 50) for a, b in pairs), 2),
            "round_p95_ratio": round(median(percentile(a, 95) / percentile(b, 95) for a, b in pairs), 2),
        }


async def measure(load: Load, path: str, *, workers: int, count: int) -> Rounds:
    """``count`` requests of each; the first of a round is the one that was the second of the round before."""
    rounds, size = Rounds(), A_ROUND * workers
    for warm in (path, EMPTY):
        await load.ask(warm, count=2 * workers)
    for number in range(-(-count // size)):
        for kind in (path, EMPTY) if number % 2 else (EMPTY, path):
            (rounds.empty if kind == EMPTY else rounds.own).append(await load.ask(kind, count=size))
    return rounds


def percentile(values: Sequence[float], share: int) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(values)
    return round(ranked[max(0, -(-len(ranked) * share // 100) - 1)], 2)
