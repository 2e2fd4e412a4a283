"""The best of some paths for many amounts on one block: ``router.best_path``, without quoting what cannot win."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from dex.amm.errors import PoolError
from dex.amm.quoted import Quote as Curve
from dex.amm.quoted import QuotedPool
from dex.routing.plan import Path
from dex.types import BPS_ONE, PIPS_ONE, Address
from trading.router import Quote, rank

SLACK = 1.0 + 1e-9
"""Rates are floats: a path is passed over only where it loses by more than they can be wrong."""


@dataclass(frozen=True, slots=True)
class _Route:
    """``rate`` is the most that any amount can get along ``path``, per unit."""

    rate: float
    rank: tuple[int, tuple[int, ...]]
    path: Path
    curves: tuple[Curve, ...]

    def amount_out(self, amount_in: int) -> int:
        """0 where a pool cannot take whole what it is offered."""
        amount = amount_in
        try:
            for curve in self.curves:
                amount = curve(amount)
        except PoolError:
            return 0
        return amount


class BestRoutes:
    """``paths`` lead from one token to another. ``load`` comes first, and again with every block."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._ranks = [(path, rank(path)) for path in paths]
        self._pools: Mapping[Address, QuotedPool] = {}
        self._routes: list[_Route] | None = None

    def load(self, pools: Mapping[Address, QuotedPool]) -> None:
        """Quote on ``pools`` from now on; a path over a pool that is not among them is passed over."""
        self._pools = pools
        self._routes = None

    def best(self, amount_in: int) -> Quote | None:
        """The path that pays most, as ``router.best_path`` chooses it; None where no path takes ``amount_in`` whole."""
        best: _Route | None = None
        most = 0
        for route in self._ranked():
            if route.rate * amount_in * SLACK < most:
                break  # and so do all after it
            amount_out = route.amount_out(amount_in)
            if amount_out > most or (best is not None and amount_out == most and route.rank < best.rank):
                best, most = route, amount_out
        return None if best is None else Quote(path=best.path, amount_in=amount_in, amount_out=most)

    @property
    def best_rate(self) -> float:
        """No amount gets more than this per unit on any of the paths."""
        routes = self._ranked()
        return routes[0].rate * SLACK if routes else 0.0

    @property
    def least_fee_bps(self) -> float:
        """The lowest fee of a whole path at the pools' present rates; infinite without a path."""
        return min((_fee_bps(route.path, self._pools) for route in self._ranked()), default=inf)

    def _ranked(self) -> list[_Route]:
        """By falling rate."""
        if self._routes is None:
            pools = self._pools
            known = (each for each in self._ranks if all(hop.pool in pools for hop in each[0].hops))
            self._routes = sorted(
                (_route(path, order, pools) for path, order in known), key=lambda route: route.rate, reverse=True
            )
        return self._routes


def _route(path: Path, order: tuple[int, tuple[int, ...]], pools: Mapping[Address, QuotedPool]) -> _Route:
    rate = 1.0
    for hop in path.hops:
        rate *= pools[hop.pool].best_rate(hop.zero_for_one)
    curves = tuple(pools[hop.pool].sell0 if hop.zero_for_one else pools[hop.pool].sell1 for hop in path.hops)
    return _Route(rate, order, path, curves)


def _fee_bps(path: Path, pools: Mapping[Address, QuotedPool]) -> float:
    kept = 1.0
    for hop in path.hops:
        kept *= 1.0 - pools[hop.pool].fee_pips / PIPS_ONE
    return BPS_ONE * (1.0 - kept)
