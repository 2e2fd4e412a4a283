"""What a fill cost against the mid price of its block: rounded estimates that explain a fill, never booked as money."""

from collections.abc import Mapping
from dataclasses import dataclass

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.market.price import hops_price
from dex.routing.plan import Path
from dex.types import PIPS_ONE, Address


@dataclass(frozen=True, slots=True, kw_only=True)
class FillCosts:
    """In base units of the token that costs are counted in: what the pools kept as fee, and what the size moved."""

    pool_fee: int
    impact: int


def fill_costs(
    path: Path,
    states: Mapping[Address, ConstantProductPool | ConcentratedPool],
    *,
    amount_in: int,
    amount_out: int,
    count_in: bool,
) -> FillCosts:
    """Split the distance between the mid price and the fill; ``count_in`` counts in the token paid, else received.

    ``states`` are the pools before the fill. Raises ``NoPrice`` where one has no price.
    """
    price = hops_price(states, path.hops)
    kept = 1.0
    for hop in path.hops:
        kept *= 1.0 - states[hop.pool].fee_pips / PIPS_ONE
    if count_in:
        worth, value = amount_in, amount_out / price
    else:
        worth, value = round(amount_in * price), float(amount_out)
    fee = round(worth * (1.0 - kept))
    return FillCosts(pool_fee=fee, impact=round(worth - value) - fee)
