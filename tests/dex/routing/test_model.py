from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.amm.errors import LibraryInsufficientInputAmount, PoolLocked
from dex.amm.tick_math import get_sqrt_ratio_at_tick
from dex.market.pools import Protocol
from dex.routing.model import ModelOutcome, Pool, execute, walk
from dex.routing.plan import Path, SwapPlan
from dex.types import Address, BlockRef
from tests.support.paths import address, path_over

A, B, C = address(1), address(2), address(3)
ONE = 10**18
FIRST_POOL, SECOND_POOL = address(900), address(901)
HEAD = BlockRef(number=1, hash="0x1", parent_hash="0x0", timestamp=1, base_fee_per_gas=None)


def v2(reserve0: int, reserve1: int) -> ConstantProductPool:
    return ConstantProductPool(reserve0=reserve0, reserve1=reserve1, fee_pips=3000)


def v3(liquidity: int = 1_000 * ONE, tick: int = 0, fee_pips: int = 3000) -> ConcentratedPool:
    empty = ConcentratedPool(
        sqrt_price_x96=get_sqrt_ratio_at_tick(tick),
        tick=tick,
        liquidity=0,
        fee_pips=fee_pips,
        tick_spacing=60,
        ticks={},
    )
    return empty.mint(-6000, 6000, liquidity)[0]


def plan(path: Path, *, amount_in: int, minimum_out: int = 1) -> SwapPlan:
    return SwapPlan(
        chain_id=1,
        sender=address(7),
        router=address(8),
        calldata=b"",
        token_in=path.tokens[0],
        token_out=path.tokens[-1],
        amount_in=amount_in,
        quoted_out=minimum_out,
        minimum_out=minimum_out,
        path=path,
        deadline=2,
        max_fee_per_gas=1,
        max_priority_fee_per_gas=0,
        decided_at=HEAD,
    )


def unrounded(amount: Fraction, reserve_in: int, reserve_out: int) -> Fraction:
    kept = amount * Fraction(997, 1000)
    return kept * reserve_out / (reserve_in + kept)


def test_trap_11_a_path_of_several_hops_rounds_at_every_hop() -> None:
    """Seven units buy 20 of the middle token, not 20.77: what the contracts never hand on cannot be traded on."""
    states: dict[Address, Pool] = {FIRST_POOL: v2(1000, 3000), SECOND_POOL: v2(700, 900_000)}
    once = int(unrounded(unrounded(Fraction(7), 1000, 3000), 700, 900_000))
    between = int(unrounded(Fraction(7), 1000, 3000))
    twice = int(unrounded(Fraction(between), 700, 900_000))
    assert walk(path_over(Protocol.V2, A, B, C), states, 7) == (7, twice) == (7, 24_927)
    assert once == 25_885


def test_a_hop_pays_the_fee_of_its_own_pool() -> None:
    cheap = {FIRST_POOL: v3(fee_pips=500), SECOND_POOL: v3(fee_pips=500)}
    dear = {FIRST_POOL: v3(fee_pips=500), SECOND_POOL: v3(fee_pips=10_000)}
    path = path_over(Protocol.V3, A, B, C)
    assert walk(path, dear, ONE)[1] < walk(path, cheap, ONE)[1]


@pytest.mark.parametrize("tokens", [(A, B), (B, A)], ids=["zero_for_one", "one_for_zero"])
def test_the_direction_decides_which_reserve_pays(tokens: tuple[Address, Address]) -> None:
    pool = v2(1_000_000, 4_000_000)
    out = pool.quote_exact_in(1_000, zero_for_one=tokens == (A, B))
    assert walk(path_over(Protocol.V2, *tokens), {FIRST_POOL: pool}, 1_000) == (1_000, out)


@given(st.integers(10**6, 50 * ONE), st.booleans())
def test_two_concentrated_hops_are_two_swaps_one_after_the_other(amount: int, forward: bool) -> None:
    states = {FIRST_POOL: v3(), SECOND_POOL: v3(tick=1200)}
    path = path_over(Protocol.V3, *((A, B, C) if forward else (C, B, A)))
    carried = amount
    for hop in path.hops:
        carried = states[hop.pool].quote_exact_in(carried, zero_for_one=hop.zero_for_one)
    assert walk(path, states, amount) == (amount, carried)


def test_a_concentrated_pool_that_runs_dry_takes_less_than_it_was_offered() -> None:
    taken, received = walk(path_over(Protocol.V3, A, B), {FIRST_POOL: v3()}, 10**30)
    assert 0 < taken < 10**30
    assert received > 0


def test_what_the_first_pool_took_is_told_though_a_later_one_takes_less() -> None:
    """SwapRouter has pulled the whole input by then; the rest of the middle token stays with it."""
    states = {FIRST_POOL: v3(liquidity=10**24), SECOND_POOL: v3(liquidity=10**15)}
    taken, _ = walk(path_over(Protocol.V3, A, B, C), states, 1_000 * ONE)
    assert taken == 1_000 * ONE


def test_an_executed_plan_moves_what_the_path_moves() -> None:
    states = {FIRST_POOL: v2(10**24, 10**24)}
    path = path_over(Protocol.V2, A, B)
    received = walk(path, states, ONE)[1]
    assert execute(plan(path, amount_in=ONE, minimum_out=received), states, held=ONE) == ModelOutcome(
        amount_in=ONE, amount_out=received, revert_reason=None
    )


@pytest.mark.parametrize(
    ("protocol", "pool", "reason"),
    [
        (Protocol.V2, v2(10**24, 10**24), "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT"),
        (Protocol.V3, v3(), "Too little received"),
    ],
)
def test_one_unit_under_the_minimum_reverts_with_the_routers_own_words(
    protocol: Protocol, pool: Pool, reason: str
) -> None:
    path = path_over(protocol, A, B)
    received = walk(path, {FIRST_POOL: pool}, ONE)[1]
    refused = execute(plan(path, amount_in=ONE, minimum_out=received + 1), {FIRST_POOL: pool}, held=ONE)
    assert refused == ModelOutcome(amount_in=0, amount_out=0, revert_reason=reason)


def test_a_pool_that_reverts_takes_nothing_and_says_why() -> None:
    path = path_over(Protocol.V3, A, B)
    locked = replace(v3(), sqrt_price_x96=0, liquidity=0, ticks={})
    refused = execute(plan(path, amount_in=ONE), {FIRST_POOL: locked}, held=ONE)
    assert refused == ModelOutcome(amount_in=0, amount_out=0, revert_reason=PoolLocked.revert)


def test_dust_that_one_pair_swallows_is_too_little_for_the_router() -> None:
    refused = execute(plan(path_over(Protocol.V2, A, B), amount_in=1), {FIRST_POOL: v2(10**24, 10)}, held=ONE)
    assert refused.revert_reason == "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT"


def test_dust_that_the_first_pair_swallows_is_refused_by_the_library_for_the_second() -> None:
    states = {FIRST_POOL: v2(10**24, 10), SECOND_POOL: v2(10**24, 10**24)}
    refused = execute(plan(path_over(Protocol.V2, A, B, C), amount_in=1), states, held=ONE)
    assert refused.revert_reason == LibraryInsufficientInputAmount.revert
