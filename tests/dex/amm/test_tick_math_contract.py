"""TickMath against a pool's own ``initialize``, which turns a price into its tick."""

import itertools
from random import Random

import pytest

from dex.amm import tick_math
from tests.dex.amm import evm
from tests.dex.amm.lab import Call, Lab
from tests.dex.amm.v3_judge import V3Judge

pytestmark = pytest.mark.anvil


@pytest.fixture(scope="module")
def prober(lab: Lab, judge: V3Judge) -> Call:
    return Call(to=lab.deploy_code(evm.creation(evm.tick_prober(judge.pools[3000]))), data=b"")


def _ticks(lab: Lab, prober: Call, prices: list[int]) -> list[int | None]:
    """The contract's tick of each price, None where it refuses."""
    data = b"".join(price.to_bytes(32, "big") for price in prices)
    (outcome,) = lab.simulate([Call(to=prober.to, data=data)])
    slots = [int.from_bytes(outcome.data[at : at + 32], "big") for at in range(0, len(outcome.data), 32)]
    return [None if slot == 0 else _int24(slot >> 160 & 0xFFFFFF) for slot in slots]


def _int24(value: int) -> int:
    return value - (value >> 23 << 24)


def test_the_price_of_a_tick_is_where_the_contract_s_tick_changes(lab: Lab, prober: Call) -> None:
    powers = [sign * (1 << bit) + off for sign in (-1, 1) for bit in range(20) for off in (-1, 0, 1)]
    spread = range(tick_math.MIN_TICK + 1, tick_math.MAX_TICK, 97)
    ticks = sorted({tick for tick in itertools.chain(powers, spread) if abs(tick) < tick_math.MAX_TICK})
    prices = [tick_math.get_sqrt_ratio_at_tick(tick) for tick in ticks]
    assert _ticks(lab, prober, prices) == ticks
    assert _ticks(lab, prober, [price - 1 for price in prices]) == [tick - 1 for tick in ticks]


def test_random_prices_have_the_contract_s_tick(lab: Lab, prober: Call) -> None:
    random = Random(96)
    prices = [
        max(tick_math.MIN_SQRT_RATIO, random.randrange(tick_math.MAX_SQRT_RATIO) >> random.randrange(128))
        for _ in range(10_000)
    ]
    assert _ticks(lab, prober, prices) == [tick_math.get_tick_at_sqrt_ratio(price) for price in prices]


def test_the_ends_of_the_price_range_are_the_contract_s(lab: Lab, prober: Call) -> None:
    ends = [
        tick_math.MIN_SQRT_RATIO - 1,
        tick_math.MIN_SQRT_RATIO,
        tick_math.MAX_SQRT_RATIO - 1,
        tick_math.MAX_SQRT_RATIO,
    ]
    assert _ticks(lab, prober, ends) == [None, tick_math.MIN_TICK, tick_math.MAX_TICK - 1, None]
