"""The model of a V3 pool against the bytecode as published: the same steps, integer for integer, revert for revert."""

from collections import Counter

import pytest

from tests.dex.amm.v3_judge import V3Judge
from tests.dex.amm.v3_script import names, script


@pytest.mark.anvil
@pytest.mark.parametrize("name", names())
def test_every_step_of_a_pool_s_life_equals_the_contract(name: str, judge: V3Judge) -> None:
    judge.assert_agrees(script(name))


def test_the_random_swaps_reach_every_corner_that_the_contract_has() -> None:
    steps = [step for name in names() for step in script(name).steps]
    swaps = [step for step in steps if step.method == "swap"]
    filled = [step for step in swaps if not isinstance(step.expected, str)]
    reverts = Counter(step.expected for step in steps if isinstance(step.expected, str))
    assert len(swaps) >= 1_800
    assert len(filled) >= 1_500
    assert {"LOK", "AS", "SPL", "AI", "LO", "LS", "NP", "TLU", "TLM", "TUM", ""} <= set(reverts)
    assert sum(step.partial for step in filled) >= 100
    assert sum(step.limited for step in filled) >= 300
    assert sum(step.empty_range for step in filled) >= 50
    assert sum(step.words_crossed > 0 for step in filled) >= 50
    assert sum(5 <= step.ticks_crossed <= 50 for step in filled) >= 50
    assert max(step.ticks_crossed for step in filled) >= 50
    assert {(step.arguments[0], step.arguments[1] > 0) for step in filled} == {
        (direction, exact_in) for direction in (True, False) for exact_in in (True, False)
    }
