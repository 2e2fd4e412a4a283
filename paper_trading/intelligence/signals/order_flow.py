"""Order flow: whether net buying has foretold the next move in this market, and which way it leans now."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dex.types import BPS_ONE
from paper_trading.intelligence.base import Evidence, FlowSeries, MarketView, Reading
from paper_trading.intelligence.estimators import clamp, shrink, through_origin, two_sided_p

_BUCKET = 8  # prices
_BUCKETS = 32
_LEAST = 8
_FULL_SCORE_BPS = 100.0


@dataclass(frozen=True, slots=True)
class OrderFlow:
    """Nothing is assumed about flow: its slope on the next bucket's return is measured, and its sign may be either."""

    name: str = "order_flow"

    def read(self, view: MarketView) -> Reading | None:
        buckets = min(_BUCKETS, (len(view.prices.logs) - 1) // _BUCKET)
        if buckets < _LEAST or not view.flows.signed:
            return None
        edges = [len(view.prices.logs) - 1 - _BUCKET * back for back in range(buckets, -1, -1)]
        returns = [view.prices.logs[after] - view.prices.logs[before] for before, after in pairwise(edges)]
        leanings = _leanings(view.flows, [view.prices.blocks[edge] for edge in edges])
        slope = through_origin(leanings[:-1], returns[1:])
        now = leanings[-1]
        move = BPS_ONE * slope.value * now * shrink(slope.t)
        return Reading(
            signal=self.name,
            score=clamp(move / _FULL_SCORE_BPS, -1.0, 1.0),
            confidence=(1.0 - two_sided_p(slope.t)) * abs(now),
            expected_move_bps=move,
            evidence=(
                Evidence(name="net share of volume", value=round(now, 3), unit=""),
                Evidence(name="slope", value=round(BPS_ONE * slope.value, 1), unit="bps"),
                Evidence(name="t", value=round(slope.t, 2), unit=""),
            ),
            reason=f"net {'buying' if now >= 0 else 'selling'} {abs(now):.0%} of volume, slope t {slope.t:+.1f}",
        )


def _leanings(flows: FlowSeries, edges: Sequence[int]) -> list[float]:
    """Net share of the volume, in [-1, 1], after each edge block up to and with the next; 0 without a trade."""
    cuts = [bisect_left(flows.blocks, edge + 1) for edge in edges]
    return [_leaning(flows.signed[start:stop]) for start, stop in pairwise(cuts)]


def _leaning(signed: Sequence[int]) -> float:
    gross = sum(map(abs, signed))
    return 0.0 if gross == 0 else sum(signed) / gross
