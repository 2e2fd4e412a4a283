import pytest

from chain.devnet.reference import Reference
from chain.devnet.world import DEPLOYER, build_world

WORLD = build_world([DEPLOYER] * 32)


def test_prices_depend_on_seed_and_block_only() -> None:
    straight, by_steps = Reference(WORLD, 3), Reference(WORLD, 3)
    for block in range(1, 50):
        by_steps.at(block)
    assert straight.at(50) == by_steps.at(50)
    assert straight.at(50) != Reference(WORLD, 4).at(50)


def test_the_past_cannot_be_asked_for() -> None:
    reference = Reference(WORLD, 3)
    reference.at(10)
    with pytest.raises(ValueError, match="forward"):
        reference.at(9)


@pytest.mark.parametrize("seed", range(5))
def test_small_tokens_move_enough_to_trade_and_stay_in_reach(seed: int) -> None:
    reference = Reference(WORLD, seed)
    start = WORLD.tokens["LARK"].start_price
    prices = [reference.at(block)["LARK"] / start for block in range(1, 5_000)]
    assert max(prices[:600]) / min(prices[:600]) > 1.03
    assert 0.2 < min(prices) < max(prices) < 5
