import random

import pytest

from paper_trading.intelligence.estimators import (
    drift,
    persistence,
    pull_to_mean,
    shrink,
    through_origin,
    two_sided_p,
    unit_root_p,
)


def walk(seed: int, count: int, *, start: float = 0.0, pull: float = 0.0, push: float = 0.0) -> list[float]:
    rng = random.Random(seed)
    levels = [start]
    for _ in range(count - 1):
        levels.append(levels[-1] * (1 - pull) + push + rng.gauss(0, 1))
    return levels


def test_a_random_walk_is_called_mean_reverting_as_rarely_as_the_p_value_says() -> None:
    called = sum(unit_root_p(pull_to_mean(walk(seed, 128))[0].t) < 0.1 for seed in range(600))
    assert 0.06 < called / 600 < 0.14
    likely = sum(unit_root_p(pull_to_mean(walk(seed, 128))[0].t) < 0.5 for seed in range(600))
    assert 0.42 < likely / 600 < 0.58


def test_a_returning_series_is_recognised() -> None:
    found = [unit_root_p(pull_to_mean(walk(seed, 128, pull=0.3))[0].t) for seed in range(50)]
    assert sum(p < 0.05 for p in found) > 45


def test_the_pull_is_the_share_made_good_each_step() -> None:
    levels = [0.5**i for i in range(1, 40)]
    assert pull_to_mean(levels)[0].value == pytest.approx(-0.5)


def test_pure_noise_is_called_a_drift_as_rarely_as_its_p_value_says() -> None:
    rng = random.Random(5)
    called = sum(two_sided_p(drift([rng.gauss(0, 1) for _ in range(64)]).t) < 0.1 for _ in range(600))
    assert called / 600 < 0.13


def test_a_drift_is_found_with_its_sign() -> None:
    rng = random.Random(6)
    found = drift([rng.gauss(-1, 1) for _ in range(64)])
    assert found.value == pytest.approx(-1, abs=0.4)
    assert found.t < -4


def test_an_unmoved_series_has_no_drift() -> None:
    assert drift([0.0] * 20).t == 0.0


def test_weak_evidence_is_believed_less() -> None:
    assert shrink(0.0) == shrink(0.9) == 0.0
    assert shrink(2.0) == 0.75
    assert shrink(-2.0) == 0.75


def test_persistence_is_the_prior_until_there_is_history_and_the_history_later() -> None:
    assert persistence([0.0] * 20, 16, 16, prior=0.7, prior_weight=4) == 0.7
    steady = [float(i) for i in range(500)]
    assert persistence(steady, 16, 16, prior=0.0, prior_weight=4) > 0.6
    sawtooth = [float(min(i % 32, 32 - i % 32)) for i in range(500)]
    assert persistence(sawtooth, 16, 16, prior=0.8, prior_weight=4) < 0.0


def test_a_slope_through_the_origin_has_its_t() -> None:
    rng = random.Random(7)
    xs = [rng.uniform(-1, 1) for _ in range(60)]
    found = through_origin(xs, [3 * x + rng.gauss(0, 0.1) for x in xs])
    assert found.value == pytest.approx(3, abs=0.1)
    assert found.t > 20
    assert through_origin([0.0] * 5, [1.0] * 5).t == 0.0
