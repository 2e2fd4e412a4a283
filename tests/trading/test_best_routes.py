"""The best of all paths, found without quoting them all, is the best of all paths."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.amm.quoted import QuotedPool
from dex.amm.tick_math import get_sqrt_ratio_at_tick
from dex.market.pools import PoolInfo, Protocol
from dex.market.price import PoolState
from dex.types import Address
from tests.support.paths import address, pool_info
from trading.best_routes import BestRoutes
from trading.errors import NoRoute
from trading.router import Quote, best_path, find_paths

TOKENS = [address(number) for number in (1, 2, 3)]
ONE = 10**18
INFOS: list[PoolInfo] = [
    pool_info(10 * protocol_number + number, one, other, protocol=protocol)
    for protocol_number, protocol in enumerate((Protocol.V2, Protocol.V2, Protocol.V3), start=1)
    for number, (one, other) in enumerate(combinations(TOKENS, 2), start=1)
]
PATHS = find_paths(INFOS, TOKENS[0], TOKENS[2])


@st.composite
def concentrated(draw: st.DrawFn) -> ConcentratedPool:
    tick = draw(st.integers(-600, 600))
    pool = ConcentratedPool.uninitialized(fee_pips=draw(st.sampled_from([500, 3_000])), tick_spacing=60)
    pool = pool.initialize(get_sqrt_ratio_at_tick(tick))
    return pool.mint(-6_000, 6_000, draw(st.integers(1, 10**22)))[0]


PAIRS = st.builds(
    ConstantProductPool,
    reserve0=st.integers(0, 10**21),
    reserve1=st.integers(0, 10**21),
    fee_pips=st.just(3_000),
)


@st.composite
def markets(draw: st.DrawFn) -> dict[Address, PoolState]:
    """States of some of the pools."""
    states = {info.address: draw(PAIRS if info.protocol is Protocol.V2 else concentrated()) for info in INFOS}
    left_out = draw(st.sets(st.sampled_from(sorted(states)), max_size=2))
    return {pool: state for pool, state in states.items() if pool not in left_out}


def quoted(states: dict[Address, PoolState]) -> BestRoutes:
    routes = BestRoutes(PATHS)
    routes.load({pool: QuotedPool(state) for pool, state in states.items()})
    return routes


def judged(states: dict[Address, PoolState], amount: int) -> Quote | None:
    try:
        return best_path(states, PATHS, amount)
    except NoRoute:
        return None


@given(states=markets(), amounts=st.lists(st.integers(0, 10**6) | st.integers(1, 10**22), min_size=1, max_size=5))
def test_it_is_what_quoting_every_path_finds(states: dict[Address, PoolState], amounts: list[int]) -> None:
    routes = quoted(states)
    assert [routes.best(amount) for amount in amounts] == [judged(states, amount) for amount in amounts]


@given(states=markets(), amount=st.integers(1, 10**22))
def test_no_amount_gets_more_than_the_best_rate(states: dict[Address, PoolState], amount: int) -> None:
    routes = quoted(states)
    best = routes.best(amount)
    assert best is None or best.amount_out <= amount * routes.best_rate


def test_of_paths_that_pay_the_same_the_shorter_and_then_the_lower_is_taken() -> None:
    twins = {info.address: ConstantProductPool(reserve0=ONE, reserve1=ONE, fee_pips=3_000) for info in INFOS[:6]}
    best = quoted(dict(twins)).best(10**15)
    assert best is not None
    assert best == judged(dict(twins), 10**15)
    assert [hop.pool for hop in best.path.hops] == [address(12)]


def test_new_pools_are_quoted_from_the_next_load_on() -> None:
    states: dict[Address, PoolState] = {address(12): ConstantProductPool(reserve0=ONE, reserve1=ONE, fee_pips=3_000)}
    routes = quoted(states)
    before = routes.best(10**15)
    states[address(12)] = ConstantProductPool(reserve0=ONE, reserve1=2 * ONE, fee_pips=3_000)
    assert routes.best(10**15) == before
    routes.load({pool: QuotedPool(state) for pool, state in states.items()})
    assert routes.best(10**15) == judged(states, 10**15) != before


def test_without_a_pool_there_is_neither_a_path_nor_a_rate() -> None:
    routes = quoted({})
    assert (routes.best(1), routes.best_rate) == (None, 0.0)


def test_the_least_fee_is_that_of_the_cheapest_path() -> None:
    states: dict[Address, PoolState] = {
        address(number): ConstantProductPool(reserve0=ONE, reserve1=ONE, fee_pips=3_000) for number in (11, 12, 13)
    }
    assert abs(quoted(states).least_fee_bps - 30.0) < 1e-9
    without = {pool: state for pool, state in states.items() if pool != address(12)}
    assert abs(quoted(without).least_fee_bps - 59.91) < 1e-9
