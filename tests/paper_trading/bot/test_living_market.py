"""The engine over whole markets: it trades where trends pay for their costs and stays out of mere noise."""

import pytest

from paper_trading.bot.ai_engine import AIEngine
from paper_trading.intelligence.base import Action
from paper_trading.intelligence.intel_slider import level
from tests.support.living_market import LivingMarket, Session, flat_price, trending_price

BLOCKS = 400


def played(prices: list[float], number: int = 8, **market: int) -> Session:
    session = Session(LivingMarket(prices, **market), level(number))
    session.run()
    return session


def trending(seed: int, number: int = 8) -> Session:
    return played(trending_price(BLOCKS, seed, per_minute=0.04), number, seed=seed)


def test_trends_are_traded() -> None:
    assert sum(len(trending(seed).trips) for seed in range(4)) >= 4


def test_flat_noise_is_not_traded() -> None:
    bought = [
        decision
        for seed in range(3)
        for decision in played(flat_price(BLOCKS, seed), seed=seed).decisions
        if decision.action is Action.BUY
    ]
    assert bought == []


def test_every_buy_expected_more_than_its_costs() -> None:
    for seed in range(2):
        for decision in trending(seed).decisions:
            if decision.action is Action.BUY:
                assert decision.edge_bps > 0
                assert decision.cost_bps >= 60


def test_a_careful_level_trades_less_than_a_bold_one() -> None:
    careful, bold = (sum(len(trending(seed, number).trips) for seed in range(3)) for number in (1, 10))
    assert careful < bold


def test_the_same_market_gives_the_same_decisions() -> None:
    assert trending(1).decisions == trending(1).decisions


def test_a_level_quotes_only_what_it_may_buy() -> None:
    session = trending(2)
    engine = AIEngine(session.settings)
    assert engine.settings.max_position_pct == 18
    assert all(
        decision.size <= 10_500 * 10**6 * 18 // 100 for decision in session.decisions if decision.action == "buy"
    )


@pytest.mark.parametrize("seconds", [1, 12, 120])
def test_windows_count_prices_whatever_the_seconds_between_them(seconds: int) -> None:
    prices = trending_price(BLOCKS, 3, per_minute=0.04)
    assert [decision.code for decision in played(prices, seconds=seconds).decisions] == [
        decision.code for decision in played(prices, seconds=1).decisions
    ]
