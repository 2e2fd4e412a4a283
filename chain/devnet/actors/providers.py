"""Liquidity that comes and goes: V3 positions in new ranges, so that ticks appear and vanish, and V2 shares."""

from collections.abc import Iterator
from random import Random

from chain.devnet import calls
from chain.devnet.pricing import V3State
from chain.devnet.transactions import Wish
from chain.devnet.view import View
from chain.devnet.world import DevnetPool
from dex.market.pools import Protocol
from dex.types import Address

ACTIVITY = 0.15
"""Chance that somebody adds or removes in a block."""

MOST_POSITIONS = 10


def act(view: View, rng: Random) -> Iterator[Wish]:
    if rng.random() >= ACTIVITY:
        return
    provider = rng.choice(view.world.roles.providers)
    pool = rng.choice(view.world.pools)
    if pool.protocol is Protocol.V2:
        yield from _change_v2(view, pool, provider, rng)
    else:
        yield from _change_v3(view, pool, provider, rng)


def _amounts(view: View, pool: DevnetPool, rng: Random) -> tuple[int, int]:
    side = pool.depth_usd * rng.uniform(0.001, 0.015)
    return pool.token0.units(side, view.prices[pool.token0.symbol]), pool.token1.units(
        side, view.prices[pool.token1.symbol]
    )


def _change_v2(view: View, pool: DevnetPool, provider: Address, rng: Random) -> Iterator[Wish]:
    router, tokens = view.world.contracts.v2_router, (pool.token0.address, pool.token1.address)
    (shares,) = view.read(pool.address, "balanceOf(address)", ["uint256"], provider)
    if shares == 0 or rng.random() < 0.5:
        data = calls.v2_add(*tokens, *_amounts(view, pool, rng), provider)
        yield Wish(sender=provider, to=router, data=data, gas=250_000, note="add")
    else:
        data = calls.v2_remove(*tokens, shares * rng.randint(20, 100) // 100, provider)
        yield Wish(sender=provider, to=router, data=data, gas=250_000, note="remove")


def _change_v3(view: View, pool: DevnetPool, provider: Address, rng: Random) -> Iterator[Wish]:
    manager = view.world.contracts.position_manager
    (positions,) = view.read(manager, "balanceOf(address)", ["uint256"], provider)
    if positions > 0 and (positions >= MOST_POSITIONS or rng.random() < 0.45):
        yield _leave(view, provider, rng.randrange(positions))
        return
    data = calls.v3_mint(
        pool.token0.address,
        pool.token1.address,
        pool.fee_pips,
        _range(view, pool, rng),
        _amounts(view, pool, rng),
        provider,
    )
    yield Wish(sender=provider, to=manager, data=data, gas=650_000, note="mint")


def _leave(view: View, provider: Address, index: int) -> Wish:
    manager = view.world.contracts.position_manager
    (token_id,) = view.read(manager, "tokenOfOwnerByIndex(address,uint256)", ["uint256"], provider, index)
    position = view.read(
        manager,
        "positions(uint256)",
        ["uint96", "address", "address", "address", "uint24", "int24", "int24", "uint128"],
        token_id,
    )
    data = calls.v3_leave(token_id, position[7], provider)
    return Wish(sender=provider, to=manager, data=data, gas=500_000, note="burn")


def _range(view: View, pool: DevnetPool, rng: Random) -> tuple[int, int]:
    """Around the price mostly; sometimes beside it, as a range order."""
    state, spacing = view.states[pool.address], pool.tick_spacing
    if not isinstance(state, V3State) or spacing is None:
        raise ValueError(f"{pool.name} has no ticks")
    middle = state.tick // spacing
    below, above = rng.randint(1, 40), rng.randint(1, 40)
    shift = rng.choice((0, 0, 0, 0, below + 1, -above - 1))
    return (middle - below + shift) * spacing, (middle + above + shift) * spacing
