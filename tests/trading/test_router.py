from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.amm.tick_math import get_sqrt_ratio_at_tick
from dex.market.pools import Protocol
from dex.routing.model import walk
from dex.types import Address
from tests.support.paths import address, pool_info
from trading.errors import NoRoute
from trading.router import best_path, find_paths, quote_path

A, B, C, D = (address(i) for i in (1, 2, 3, 4))
ONE = 10**18

AB = pool_info(11, A, B)
AB_TOO = pool_info(12, A, B)
BC = pool_info(13, B, C)
AC = pool_info(14, A, C)
CD = pool_info(15, C, D)
AB_V3 = pool_info(21, A, B, protocol=Protocol.V3)
BC_V3 = pool_info(22, B, C, protocol=Protocol.V3)


def v2(reserve0: int, reserve1: int) -> ConstantProductPool:
    return ConstantProductPool(reserve0=reserve0, reserve1=reserve1, fee_pips=3000)


def v3(liquidity: int = 10_000 * ONE, reach: int = 6000) -> ConcentratedPool:
    """Price 1, all liquidity within ``reach`` ticks of it."""
    empty = ConcentratedPool(
        sqrt_price_x96=get_sqrt_ratio_at_tick(0), tick=0, liquidity=0, fee_pips=3000, tick_spacing=60, ticks={}
    )
    return empty.mint(-reach, reach, liquidity)[0]


def pools_of(paths: object) -> list[tuple[Address, ...]]:
    return [tuple(hop.pool for hop in path.hops) for path in paths]  # type: ignore[attr-defined]


def test_paths_of_one_and_two_hops_are_found_shortest_first() -> None:
    found = find_paths([BC, AC, AB_TOO, AB], A, C)
    assert pools_of(found) == [(AC.address,), (AB.address, BC.address), (AB_TOO.address, BC.address)]


def test_a_path_never_mixes_protocols() -> None:
    assert pools_of(find_paths([AB, BC_V3], A, C)) == []
    assert pools_of(find_paths([AB, BC, AB_V3, BC_V3], A, C)) == [
        (AB.address, BC.address),
        (AB_V3.address, BC_V3.address),
    ]


def test_no_path_comes_back_to_a_token_it_has_left() -> None:
    assert pools_of(find_paths([AB, AB_TOO, AC], A, C, max_hops=3)) == [(AC.address,)]


def test_no_path_is_longer_than_asked_for() -> None:
    assert find_paths([AB, BC, CD], A, D) == ()
    assert pools_of(find_paths([AB, BC, CD], A, D, max_hops=3)) == [(AB.address, BC.address, CD.address)]


def test_a_token_has_no_path_to_itself() -> None:
    assert find_paths([AB, AB_TOO, BC], A, A) == ()


def test_the_tokens_of_a_path_follow_its_direction() -> None:
    [path] = find_paths([AB, BC], C, A)
    assert path.tokens == (C, B, A)
    assert [hop.zero_for_one for hop in path.hops] == [False, False]


def test_the_order_of_the_pools_does_not_matter() -> None:
    pools = [AB, AB_TOO, BC, AC]
    assert {find_paths(order, A, C) for order in permutations(pools)} == {find_paths(pools, A, C)}


def test_the_path_that_pays_most_wins_even_when_it_is_longer() -> None:
    states = {
        AC.address: v2(10 * ONE, 9 * ONE),
        AB.address: v2(10_000 * ONE, 10_000 * ONE),
        BC.address: v2(10_000 * ONE, 10_000 * ONE),
    }
    quote = best_path(states, find_paths([AB, BC, AC], A, C), ONE)
    assert len(quote.path.hops) == 2


def test_size_can_turn_the_choice_around() -> None:
    """A thin pool of a better price takes a small amount, a deep one of a worse price a large amount."""
    states = {AB.address: v2(10 * ONE, 11 * ONE), AB_TOO.address: v2(10_000 * ONE, 10_000 * ONE)}
    paths = find_paths([AB, AB_TOO], A, B)
    assert best_path(states, paths, ONE // 100).path.hops[0].pool == AB.address
    assert best_path(states, paths, 5 * ONE).path.hops[0].pool == AB_TOO.address


def test_of_equal_paths_the_lower_pool_address_wins() -> None:
    states = {AB.address: v2(ONE, ONE), AB_TOO.address: v2(ONE, ONE)}
    for paths in permutations(find_paths([AB_TOO, AB], A, B)):
        assert best_path(states, paths, 1000).path.hops[0].pool == AB.address


@given(amount_in=st.integers(1, 10**24), reserves=st.lists(st.integers(10**12, 10**24), min_size=4, max_size=4))
def test_the_quote_is_what_walking_the_router_call_gives(amount_in: int, reserves: list[int]) -> None:
    states = {AB.address: v2(reserves[0], reserves[1]), BC.address: v2(reserves[2], reserves[3])}
    [path] = find_paths([AB, BC], A, C)
    try:
        quote = quote_path(states, path, amount_in)
    except NoRoute:
        return
    assert walk(path, states, amount_in) == (amount_in, quote.amount_out)


@given(amount_in=st.integers(1, 3_000 * ONE))
def test_a_v3_quote_over_two_pools_is_what_walking_gives_whenever_both_fill_whole(amount_in: int) -> None:
    states = {AB_V3.address: v3(), BC_V3.address: v3(5_000 * ONE)}
    [path] = find_paths([AB_V3, BC_V3], A, C)
    try:
        quote = quote_path(states, path, amount_in)
    except NoRoute:
        return
    assert walk(path, states, amount_in) == (amount_in, quote.amount_out)


def test_a_pool_that_cannot_take_the_amount_whole_is_no_route() -> None:
    states = {AB_V3.address: v3(ONE, reach=60)}
    with pytest.raises(NoRoute):
        best_path(states, find_paths([AB_V3], A, B), ONE)


def test_a_second_pool_that_cannot_take_the_first_ones_output_whole_is_no_route() -> None:
    """SwapRouter would keep what the second pool leaves over, and the sender would lose it."""
    states = {AB_V3.address: v3(), BC_V3.address: v3(ONE, reach=60)}
    [path] = find_paths([AB_V3, BC_V3], A, C)
    assert walk(path, states, ONE)[0] == ONE
    with pytest.raises(NoRoute, match=BC_V3.address):
        quote_path(states, path, ONE)


def test_an_empty_pool_is_passed_over() -> None:
    states = {AB.address: v2(0, 0), AB_TOO.address: v2(ONE, ONE)}
    assert best_path(states, find_paths([AB, AB_TOO], A, B), 1000).path.hops[0].pool == AB_TOO.address


def test_a_pool_without_a_state_is_passed_over() -> None:
    states = {AB_TOO.address: v2(ONE, ONE)}
    assert best_path(states, find_paths([AB, AB_TOO], A, B), 1000).path.hops[0].pool == AB_TOO.address


@pytest.mark.parametrize("amount_in", [0, 1])
def test_an_amount_that_brings_nothing_is_no_route(amount_in: int) -> None:
    with pytest.raises(NoRoute):
        best_path({AB.address: v2(ONE, ONE // 1000)}, find_paths([AB], A, B), amount_in)


def test_without_a_path_there_is_no_route() -> None:
    with pytest.raises(NoRoute):
        best_path({}, (), ONE)
