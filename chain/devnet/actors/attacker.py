"""Sandwiches: buys before a large careless trade that it sees pending, and sells right after it.

Front-run, victim and back-run are real transactions; the block carries them in that order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from eth_abi.abi import decode

from chain.devnet import calls
from chain.devnet.pricing import swap
from chain.devnet.transactions import GWEI, Wish
from chain.devnet.view import View
from chain.devnet.world import DevnetPool
from dex.market.pools import Protocol
from dex.types import Address

ALERTNESS = 0.5
_LEAST_VICTIM_USD = 2_000.0
_MOST_CAPITAL = 0.04
"""Of the pool's depth."""

_LEAST_GAIN_USD = 1.0
_NOBODY = Address("0x" + "0" * 40)
_V2_EXACT_IN = calls.v2_swap(0, 0, (), _NOBODY)[:10]
_V3_EXACT_IN = calls.v3_swap(_NOBODY, _NOBODY, 0, _NOBODY, amount_in=0, minimum_out=0)[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    victim: Wish
    pool: DevnetPool
    zero_for_one: bool
    amount_in: int
    minimum_out: int


def wrap(view: View, rng: Random, pending: Sequence[Wish]) -> tuple[list[Wish], list[Wish]]:
    """What must open the block (front-run, victim, back-run, or nothing) and the pending transactions besides."""
    if rng.random() < ALERTNESS:
        for victim in pending:
            target = _recognise(view, victim)
            front = 0 if target is None else _front_amount(view, target)
            if target is not None and front > 0:
                return _sandwich(view, target, front), [wish for wish in pending if wish is not victim]
    return [], list(pending)


def _recognise(view: View, wish: Wish) -> Target | None:
    """Reads the calldata of a swap that is worth the trouble."""
    body = bytes.fromhex(wish.data[10:])
    if wish.to == view.world.contracts.v2_router and wish.data.startswith(_V2_EXACT_IN):
        amount_in, minimum_out, path, _, _ = decode(["uint256", "uint256", "address[]", "address", "uint256"], body)
        protocol, fee_pips = Protocol.V2, 3000
    elif wish.to == view.world.contracts.v3_router and wish.data.startswith(_V3_EXACT_IN):
        (swap_in,) = decode(["(address,address,uint24,address,uint256,uint256,uint256,uint160)"], body)
        path, fee_pips, amount_in, minimum_out = swap_in[:2], swap_in[2], swap_in[5], swap_in[6]
        protocol = Protocol.V3
    else:
        return None
    pair = {address.lower() for address in path}
    for pool in view.world.pools:
        known = {pool.token0.address.lower(), pool.token1.address.lower()}
        if known == pair and pool.protocol is protocol and pool.fee_pips == fee_pips:
            target = Target(
                victim=wish,
                pool=pool,
                zero_for_one=path[0].lower() == pool.token0.address.lower(),
                amount_in=amount_in,
                minimum_out=minimum_out,
            )
            return target if _usd(view, target, amount_in) >= _LEAST_VICTIM_USD else None
    return None


def _usd(view: View, target: Target, amount_in: int) -> float:
    token = target.pool.token0 if target.zero_for_one else target.pool.token1
    return amount_in / int(10**token.decimals) * view.prices[token.symbol]


def _front_amount(view: View, target: Target) -> int:
    """The most that can go first while the victim still gets its minimum; 0 where that brings no gain."""
    token = target.pool.token0 if target.zero_for_one else target.pool.token1
    low, high = 0, token.units(target.pool.depth_usd * _MOST_CAPITAL, view.prices[token.symbol])
    while high - low > max(1, high // 1000):
        middle = (low + high) // 2
        if _victim_gets(view, target, middle) >= target.minimum_out:
            low = middle
        else:
            high = middle
    gain = _gain(view, target, low)
    return low if gain > 0 and _usd(view, target, gain) > _LEAST_GAIN_USD else 0


def _victim_gets(view: View, target: Target, front: int) -> int:
    after, _ = swap(target.pool, view.states[target.pool.address], front, zero_for_one=target.zero_for_one)
    return swap(target.pool, after, target.amount_in, zero_for_one=target.zero_for_one)[1]


def _gain(view: View, target: Target, front: int) -> int:
    pool, forward = target.pool, target.zero_for_one
    first, bought = swap(pool, view.states[pool.address], front, zero_for_one=forward)
    second, _ = swap(pool, first, target.amount_in, zero_for_one=forward)
    return swap(pool, second, bought, zero_for_one=not forward)[1] - front


def _sandwich(view: View, target: Target, front: int) -> list[Wish]:
    pool = target.pool
    _, bought = swap(pool, view.states[pool.address], front, zero_for_one=target.zero_for_one)
    source, out = (pool.token0, pool.token1) if target.zero_for_one else (pool.token1, pool.token0)
    return [
        _leg(view, pool, (source.address, out.address), front, bought * 999 // 1000, "front-run"),
        target.victim,
        _leg(view, pool, (out.address, source.address), bought * 999 // 1000, 0, "back-run"),
    ]


def _leg(
    view: View, pool: DevnetPool, path: tuple[Address, Address], amount_in: int, minimum_out: int, note: str
) -> Wish:
    attacker, contracts = view.world.roles.attacker, view.world.contracts
    if pool.protocol is Protocol.V2:
        data, router = calls.v2_swap(amount_in, minimum_out, path, attacker), contracts.v2_router
    else:
        router = contracts.v3_router
        data = calls.v3_swap(*path, pool.fee_pips, attacker, amount_in=amount_in, minimum_out=minimum_out)
    return Wish(sender=attacker, to=router, data=data, gas=300_000, tip=2 * GWEI, note=note)
