import random
from itertools import accumulate
from math import exp

import pytest

from paper_trading.intelligence.base import FlowSeries
from paper_trading.intelligence.signals import DIRECTIONAL, SIGNALS
from tests.paper_trading.intelligence.views import HEAD, head, rising, rung, view


def read(name: str, *args: object, **changes: object):
    return SIGNALS[name].read(view(*args, **changes))


def random_walk(seed: int, count: int = 200) -> list[float]:
    rng = random.Random(seed)
    return [exp(level) for level in accumulate(rng.gauss(0, 0.001) for _ in range(count))]


def returning(seed: int, last_bps: float) -> list[float]:
    rng = random.Random(seed)
    level, levels = 0.0, []
    for _ in range(199):
        level = 0.6 * level + rng.gauss(0, 0.001)
        levels.append(level)
    return [exp(level) for level in [*levels, last_bps / 10_000]]


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_every_reading_stays_within_its_bounds(name: str) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        blocks = sorted(rng.randint(HEAD - 199, HEAD) for _ in range(150))
        flows = FlowSeries(blocks=blocks, times=blocks, signed=[rng.randint(-(10**20), 10**20) for _ in blocks])
        found = read(name, random_walk(seed), flows=flows)
        assert found is not None
        assert -1.0 <= found.score <= 1.0
        assert 0.0 <= found.confidence <= 1.0
        assert found.evidence
        assert "\n" not in found.reason
        assert (found.expected_move_bps == 0.0) or name in DIRECTIONAL


@pytest.mark.parametrize("name", ["trend", "mean_reversion", "order_flow", "volatility"])
def test_a_short_history_says_nothing(name: str) -> None:
    assert read(name, [1.0] * 10) is None


def test_a_trend_is_followed_in_its_direction() -> None:
    up, down = read("trend", rising(4.0)), read("trend", rising(-4.0))
    assert up.expected_move_bps > 50 > -50 > down.expected_move_bps
    assert up.confidence > 0.95


def test_an_unmoved_price_has_no_trend() -> None:
    found = read("trend", [1.0] * 100)
    assert (found.expected_move_bps, found.confidence) == (0.0, 0.0)


def test_random_walks_seldom_look_like_sure_trends() -> None:
    sure = sum(read("trend", random_walk(seed)).confidence > 0.9 for seed in range(200))
    assert sure < 40


def test_a_fallen_price_of_a_returning_series_is_expected_to_rise() -> None:
    low, high = read("mean_reversion", returning(1, -40.0)), read("mean_reversion", returning(1, 40.0))
    assert low.expected_move_bps > 20 > -20 > high.expected_move_bps
    assert low.confidence > 0.9


def test_a_trend_is_not_taken_for_a_distance_from_the_mean() -> None:
    assert read("mean_reversion", rising(5.0, wiggle_bps=0.0)).confidence < 0.2


def flow_market(sign: int) -> tuple[list[float], FlowSeries]:
    """Eight prices of one-sided trades, then a move of 40 bps in the direction of ``sign`` times the trades."""
    rng = random.Random(4)
    sides = [rng.choice((-1, 1)) for _ in range(25)]
    logs, blocks, signed = [0.0], [], []
    for bucket, side in enumerate(sides):
        pushed = sign * sides[bucket - 1] if bucket else 0
        for step in range(8):
            logs.append(logs[-1] + pushed * 0.0005 + rng.gauss(0, 0.0002))
            blocks.append(HEAD - 8 * len(sides) + 8 * bucket + step + 1)
            signed.append(side * rng.randint(1, 10**20))
    return [exp(level) for level in logs], FlowSeries(blocks=blocks, times=blocks, signed=signed)


@pytest.mark.parametrize("sign", [1, -1])
def test_order_flow_is_used_as_it_has_worked_in_this_market(sign: int) -> None:
    closes, flows = flow_market(sign)
    found = read("order_flow", closes, flows=flows)
    buying = flows.signed[-1] > 0
    assert (found.expected_move_bps > 0) == (buying if sign > 0 else not buying)
    assert abs(found.expected_move_bps) == pytest.approx(40, abs=15)
    assert found.confidence > 0.9


def test_a_market_without_trades_has_no_order_flow() -> None:
    assert read("order_flow") is None


def test_a_wilder_market_than_usual_scores_badly() -> None:
    calm = rising(0.0, count=180, wiggle_bps=2.0)
    wild = calm + [calm[-1] * exp(0.004 * (i % 2)) for i in range(20)]
    assert read("volatility", wild).score < -0.5 < read("volatility", calm).score


def test_impact_scores_by_what_it_costs() -> None:
    deep, thin = (
        read("liquidity", ladder=(rung(900, lost_bps=62),)),
        read("liquidity", ladder=(rung(900, lost_bps=140),)),
    )
    assert deep.score > 0.9
    assert thin.score == -1.0
    assert read("liquidity", ladder=()) is None


def test_a_dear_block_scores_badly_and_a_cheap_one_well() -> None:
    assert read("gas", head=head(base_fee_per_gas=2 * 10**9)).score == -1.0
    assert read("gas", head=head(base_fee_per_gas=5 * 10**8)).score == 0.5
    assert read("gas", head=head(base_fee_per_gas=None)) is None
