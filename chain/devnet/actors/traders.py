"""The crowd: many small trades and a few large ones, on all pools, with careless or careful tolerances.

They come in lesser numbers while gas is dear and in waves now and then, which keeps the base fee alive.
"""

from collections.abc import Iterator
from math import sqrt
from random import Random

from chain.devnet import calls
from chain.devnet.pricing import swap
from chain.devnet.transactions import GWEI, Wish
from chain.devnet.view import View
from chain.devnet.world import DevnetPool, DevnetToken
from dex.market.pools import Protocol
from dex.types import Address

USUAL_BASE_FEE = 3 * GWEI // 2
USUAL_NUMBER = 10.0
_WAVE_BLOCKS = 12
_WAVE_CHANCE = 0.12
_TWO_HOPS = 0.35
_EXACT_OUT = 0.07
_HERDING = 12.0
"""How strongly the crowd leans towards the outside price, for a gap of one."""


def act(view: View, rng: Random) -> Iterator[Wish]:
    weights = [sqrt(pool.depth_usd) for pool in view.world.pools]
    for _ in range(_number(view, rng)):
        pool = rng.choices(view.world.pools, weights)[0]
        sender = rng.choice(view.world.roles.traders)
        yield _trade(view, pool, sender, rng)


def _number(view: View, rng: Random) -> int:
    cheapness = max(0.2, min(2.0, USUAL_BASE_FEE / max(view.base_fee, 1)))
    wave = Random(f"{view.seed}:wave:{view.number // _WAVE_BLOCKS}").random() < _WAVE_CHANCE
    mean = USUAL_NUMBER * cheapness * (2.0 if wave else 1.0)
    return int(rng.uniform(0.6, 1.4) * mean)


def _trade(view: View, pool: DevnetPool, sender: Address, rng: Random) -> Wish:
    lean = max(-0.2, min(0.2, view.gap(pool) * _HERDING))
    zero_for_one = rng.random() > 0.5 + lean  # a cheap token0 is rather bought
    source, target = (pool.token0, pool.token1) if zero_for_one else (pool.token1, pool.token0)
    dice = rng.random()
    onward = _onward(view, pool, target, rng) if dice < _TWO_HOPS else None
    # By the thinner pool of the two: what is small in a deep pool would empty a thin one behind it.
    depth_usd = pool.depth_usd if onward is None else min(pool.depth_usd, onward.depth_usd)
    amount_in = source.units(_share(rng) * depth_usd, view.prices[source.symbol])
    _, expected = swap(pool, view.states[pool.address], amount_in, zero_for_one=zero_for_one)
    tolerance = rng.choice((50, 50, 100, 100, 200, 300, 500))
    path: tuple[Address, ...] = (source.address, target.address)
    fees: tuple[int, ...] = (pool.fee_pips,)
    if onward is not None:
        further = onward.token0.address == target.address
        _, expected = swap(onward, view.states[onward.address], expected, zero_for_one=further)
        last = onward.token1 if further else onward.token0
        path, fees = (*path, last.address), (*fees, onward.fee_pips)
    v2 = pool.protocol is Protocol.V2
    if onward is None and dice > 1 - _EXACT_OUT:
        most_in = amount_in * (10_000 + tolerance) // 10_000
        data = calls.exact_out(path, None if v2 else fees[0], expected, most_in, sender)
    else:
        data = calls.exact_in(path, None if v2 else fees, amount_in, expected * (10_000 - tolerance) // 10_000, sender)
    return Wish(
        sender=sender,
        to=view.world.contracts.v2_router if v2 else view.world.contracts.v3_router,
        data=data,
        gas=150_000 + 90_000 * (len(path) - 2) if v2 else 230_000 + 130_000 * (len(path) - 2),
        tip=rng.randint(GWEI // 50, GWEI // 5),
        note="trade",
    )


def _onward(view: View, first: DevnetPool, token: DevnetToken, rng: Random) -> DevnetPool | None:
    """A second pool of the same protocol that takes ``token`` somewhere new."""
    known = {first.token0.address, first.token1.address}
    choices = [
        pool
        for pool in view.world.pools
        if pool.protocol is first.protocol
        and token.address in (pool.token0.address, pool.token1.address)
        and {pool.token0.address, pool.token1.address} != known
    ]
    return rng.choice(choices) if choices else None


def _share(rng: Random) -> float:
    """Of the pool's depth: mostly small fish, now and then a whale, who moves a V2 pool by up to two percent."""
    fish = rng.random()
    if fish < 0.80:
        return rng.uniform(0.00005, 0.0006)
    return rng.uniform(0.0006, 0.002) if fish < 0.97 else rng.uniform(0.002, 0.005)
