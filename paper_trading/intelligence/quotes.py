"""Exact quotes along a path, on one block's states."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from dex.errors import SkipTrade
from dex.routing.plan import Hop, Path
from dex.types import BPS_ONE, PIPS_ONE, Address
from paper_trading.intelligence.base import EntryQuote


class Quotable(Protocol):
    """A pool state, or one that remembers parts of its quotes."""

    @property
    def fee_pips(self) -> int: ...

    def quote_exact_in(self, amount_in: int, zero_for_one: bool = True) -> int: ...


def quote_path(states: Mapping[Address, Quotable], path: Path, amount_in: int) -> int:
    """What the path's last token brings for ``amount_in`` of its first, to the unit.

    Raises ``SkipTrade`` (a pool's own error) where a pool cannot fill it whole, ``KeyError`` for an unknown pool.
    """
    amount = amount_in
    for hop in path.hops:
        amount = states[hop.pool].quote_exact_in(amount, zero_for_one=hop.zero_for_one)
    return amount


def reversed_path(path: Path) -> Path:
    """The same pools the other way."""
    return Path(
        hops=tuple(
            Hop(
                pool=hop.pool,
                protocol=hop.protocol,
                token_in=hop.token_out,
                token_out=hop.token_in,
                fee_pips=hop.fee_pips,
            )
            for hop in reversed(path.hops)
        )
    )


def quote_ladder(
    states: Mapping[Address, Quotable], buy: Path, sizes: Iterable[int], *, sell: Path | None = None
) -> tuple[EntryQuote, ...]:
    """Buying at each size and selling the proceeds again, both on ``states``, the latter along ``sell`` where given.

    Sizes that the pools cannot fill whole are left out.
    """
    back = reversed_path(buy) if sell is None else sell
    ladder: list[EntryQuote] = []
    for size in sorted(sizes):
        try:
            bought = quote_path(states, buy, size)
            ladder.append(EntryQuote(amount_in=size, amount_out=bought, back=quote_path(states, back, bought)))
        except SkipTrade:
            continue
    return tuple(ladder)


def path_fee_bps(states: Mapping[Address, Quotable], path: Path) -> float:
    """The pools' fees along the path, compounded, in bps."""
    kept = 1.0
    for hop in path.hops:
        kept *= 1.0 - states[hop.pool].fee_pips / PIPS_ONE
    return BPS_ONE * (1.0 - kept)
