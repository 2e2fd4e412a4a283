"""Which path to trade over, by exact quotes. Pure: values in, values out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from dex.amm.errors import PoolError
from dex.market.pools import PoolInfo
from dex.routing.plan import Hop, Path
from dex.types import Address
from trading.errors import NoRoute


class Quotable(Protocol):
    """A pool state, or one that remembers parts of its quotes."""

    def quote_exact_in(self, amount_in: int, zero_for_one: bool = True) -> int: ...


States = Mapping[Address, Quotable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Base units of the path's first token in and of its last token out, exact for the states that were given."""

    path: Path
    amount_in: int
    amount_out: int


def find_paths(pools: Iterable[PoolInfo], token_in: Address, token_out: Address, max_hops: int = 2) -> tuple[Path, ...]:
    """Every path from ``token_in`` to ``token_out`` of at most ``max_hops`` pools, all of one protocol.

    No pool and no token comes twice. Shorter paths come first, then by pool address, whatever the order of ``pools``.
    """
    by_token: dict[Address, list[PoolInfo]] = {}
    for pool in pools:
        by_token.setdefault(pool.token0, []).append(pool)
        by_token.setdefault(pool.token1, []).append(pool)
    found = _extend(by_token, (), (token_in,), token_out, max_hops)
    return tuple(sorted((Path(hops=hops) for hops in found), key=rank))


def best_path(states: States, paths: Iterable[Path], amount_in: int) -> Quote:
    """The path that pays most for ``amount_in`` base units; of equals the shorter, then that of lower pool addresses.

    Raises ``NoRoute`` when no path takes the amount whole and pays something for it. A path over a pool without a
    state is passed over.
    """
    quotes = [quote for path in paths if (quote := _try(states, path, amount_in)) is not None]
    if not quotes:
        raise NoRoute(f"no path can take {amount_in} whole")
    return min(quotes, key=lambda quote: (-quote.amount_out, rank(quote.path)))


def quote_path(states: States, path: Path, amount_in: int) -> Quote:
    """What ``path`` pays for ``amount_in``, each hop rounded as its contract rounds it.

    Raises ``NoRoute`` when a pool is missing, reverts, or cannot take whole what it is offered: SwapRouter would leave
    the rest of a second hop in its own hands.
    """
    carried = amount_in
    for hop in path.hops:
        pool = states.get(hop.pool)
        if pool is None:
            raise NoRoute(f"pool {hop.pool} has no state")
        try:
            carried = pool.quote_exact_in(carried, zero_for_one=hop.zero_for_one)
        except PoolError as error:
            raise NoRoute(f"pool {hop.pool} cannot take {carried} of {hop.token_in}: {error}") from error
    if carried == 0:
        raise NoRoute(f"{amount_in} is too little to receive anything")
    return Quote(path=path, amount_in=amount_in, amount_out=carried)


def _try(states: States, path: Path, amount_in: int) -> Quote | None:
    try:
        return quote_path(states, path, amount_in)
    except NoRoute:
        return None


def _extend(
    by_token: Mapping[Address, list[PoolInfo]],
    hops: tuple[Hop, ...],
    tokens: tuple[Address, ...],
    token_out: Address,
    max_hops: int,
) -> Iterator[tuple[Hop, ...]]:
    if len(hops) == max_hops:
        return
    here = tokens[-1]
    for pool in by_token.get(here, ()):
        there = pool.token1 if here == pool.token0 else pool.token0
        if there in tokens or (hops and pool.protocol is not hops[0].protocol):
            continue
        longer = (*hops, _hop(pool, here, there))
        if there == token_out:
            yield longer
        else:
            yield from _extend(by_token, longer, (*tokens, there), token_out, max_hops)


def _hop(pool: PoolInfo, token_in: Address, token_out: Address) -> Hop:
    return Hop(
        pool=pool.address, protocol=pool.protocol, token_in=token_in, token_out=token_out, fee_pips=pool.fee_pips
    )


def rank(path: Path) -> tuple[int, tuple[int, ...]]:
    """Of paths that pay the same, the one of the lowest rank is taken."""
    return len(path.hops), tuple(int(hop.pool, 16) for hop in path.hops)
