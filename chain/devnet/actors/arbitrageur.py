"""Pulls pools towards the outside price once the gap pays for the pool fee; late, so that trends show in the pools."""

from collections.abc import Iterator
from math import isqrt
from random import Random

from chain.devnet import calls
from chain.devnet.pricing import V2State, ratio, sqrt_price_x96
from chain.devnet.transactions import GWEI, Wish
from chain.devnet.view import View
from chain.devnet.world import DevnetPool
from dex.types import Address

ATTENTION = 0.60
"""Chance that a pool is looked at in a block."""

_MOST = 0.4
"""Of a pool's depth at the start, in one trade."""


def act(view: View, rng: Random) -> Iterator[Wish]:
    for i, pool in enumerate(view.world.pools):
        watched = rng.random() < ATTENTION
        if watched and abs(view.gap(pool)) > 1.15 * pool.fee_pips / 10**6:
            yield _pull(view, pool, view.world.roles.arbitrageurs[i % 2], rng)


def _pull(view: View, pool: DevnetPool, sender: Address, rng: Random) -> Wish:
    """Trades until the price is away from the outside one by just the fee."""
    zero_for_one = view.gap(pool) < 0
    fee = pool.fee_pips / 10**6
    edge = 1 / (1 - fee) if zero_for_one else 1 - fee
    price0, price1 = view.prices[pool.token0.symbol], view.prices[pool.token1.symbol]
    target = ratio(pool, price0 * edge, price1)
    source, target_token = (pool.token0, pool.token1) if zero_for_one else (pool.token1, pool.token0)
    most = source.units(pool.depth_usd * _MOST, view.prices[source.symbol])
    tip = rng.randint(GWEI // 20, GWEI // 4)
    state = view.states[pool.address]
    if isinstance(state, V2State):
        amount = min(most, _v2_amount(state, target, zero_for_one=zero_for_one, fee_pips=pool.fee_pips))
        data = calls.v2_swap(amount, 0, (source.address, target_token.address), sender)
        router = view.world.contracts.v2_router
        return Wish(sender=sender, to=router, data=data, gas=160_000, tip=tip, note="arbitrage")
    data = calls.v3_swap(
        source.address,
        target_token.address,
        pool.fee_pips,
        sender,
        amount_in=most,
        minimum_out=0,
        sqrt_price_limit_x96=sqrt_price_x96(*target),
    )
    return Wish(sender=sender, to=view.world.contracts.v3_router, data=data, gas=450_000, tip=tip, note="arbitrage")


def _v2_amount(state: V2State, target: tuple[int, int], *, zero_for_one: bool, fee_pips: int) -> int:
    """Input that brings x * y = k to the target price, its fee included; at least one unit."""
    numerator, denominator = target if not zero_for_one else target[::-1]
    reserve_in, k = state.reserve0 if zero_for_one else state.reserve1, state.reserve0 * state.reserve1
    return max(1, (isqrt(k * numerator // denominator) - reserve_in) * 10**6 // (10**6 - fee_pips))
