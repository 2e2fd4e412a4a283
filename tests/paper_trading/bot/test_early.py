"""What is decided early is what the whole thought decides: the same orders, and holds that are true.

A book with some pool in quarantine that no path uses is thought through whole, which makes the two comparable.
"""

import random
from dataclasses import dataclass
from functools import cache

import pytest

from dex.types import Address
from paper_trading.bot.decider import Decider
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.intelligence.base import Action
from paper_trading.services.ticks import Decided
from paper_trading.tokens import NATIVE
from tests.support.paths import address
from tests.support.small_bot import book, decider
from tests.support.small_desk import ALT, DOLLAR, FIRST, ONE, USD, WETH, block, desk, path, swapped

HEAD = block(FIRST + 90)
ELSEWHERE = frozenset([address(999)])
BOTH_TRUE = {("edge_below_bar", "confidence_below_bar"), ("edge_below_bar", "too_much_impact")}
"""Early and whole: a token that is too dear at any size may also be uncertain, or too thin, at one's own."""


WEATHERS = (
    (0, 4_000),
    (0, 500),
    (300, 3_000),
    (1_500, 4_000),
    (4_000, 4_000),
    (-3_000, 4_000),
    (0, 9_000),
    (-400, 2_000),
)
"""Dollars that a block buys for in the mean, and how much that varies."""


@cache
def drifting(seed: int) -> MarketDesk:
    """Ninety blocks of one weather."""
    made, chance = desk(), random.Random(seed)
    drift, noise = WEATHERS[seed]
    for number in range(1, 91):
        dollars = round(chance.gauss(drift, noise))
        states = made.market.states
        if dollars > 0:
            update = swapped(states, block(FIRST + number), dollars * DOLLAR)
        else:
            update = swapped(states, block(FIRST + number), max(1, -dollars) * ONE // 2_500, zero_for_one=False)
        made.apply(update)
    return made


@dataclass(frozen=True)
class Holding:
    """A position that could be sold now for ``worth`` percent of what it cost, ``age`` blocks old."""

    token: Address
    quantity: int
    worth: int
    age: int


def outcome(
    by: Decider, market: MarketDesk, held: Holding | None, quarantined: frozenset[Address]
) -> tuple[Decided, ...]:
    quantities, costs = {}, {}
    if held is not None:
        quantities[held.token] = held.quantity
        sale = market.sell(held.token, held.quantity)
        assert sale is not None
        costs[held.token] = 100 * sale.amount_out // held.worth
    account = book(
        balances={USD.address: 9_000 * DOLLAR, NATIVE: ONE, **quantities},
        held=quantities,
        costs=costs,
        opened=HEAD.number - (0 if held is None else held.age),
        quarantined=quarantined,
    )
    return by.decide(account, HEAD, start_equity=10_000 * DOLLAR, trusted=True)


HOLDINGS = (
    None,
    *(Holding(WETH.address, ONE // 3, worth, 10) for worth in (80, 98, 100, 101, 103, 130)),
    *(Holding(WETH.address, ONE // 3, worth, 80) for worth in (99, 102)),
    *(Holding(ALT.address, 30 * ONE, worth, 10) for worth in (99, 102)),
)


@pytest.mark.parametrize("held", HOLDINGS, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_early_and_whole_thoughts_order_the_same(seed: int, held: Holding | None) -> None:
    market = drifting(seed)
    for number in (1, 4, 7, 10):
        soon, late = decider(market, number=number), decider(market, number=number)
        early, whole = outcome(soon, market, held, frozenset()), outcome(late, market, held, ELSEWHERE)
        assert [item.order for item in early] == [item.order for item in whole]
        assert soon.peaks == late.peaks
        for one, other in zip(early, whole, strict=True):
            codes = (one.thought.code, other.thought.code)
            assert codes[0] == codes[1] or codes in BOTH_TRUE


def test_the_markets_of_this_test_are_bought_and_sold() -> None:
    """Otherwise it would compare holds only."""
    thoughts = [
        item.thought
        for seed in range(8)
        for held in HOLDINGS
        for item in outcome(decider(drifting(seed)), drifting(seed), held, frozenset())
    ]
    assert {thought.action for thought in thoughts} == {Action.BUY, Action.SELL, Action.HOLD}
    assert {"holding", "stop_loss", "take_profit", "signal", "time"} <= {thought.code for thought in thoughts}


def test_a_bound_on_the_cost_says_that_it_is_one() -> None:
    lines = {
        item.thought.reasons[0]
        for seed in range(8)
        for item in outcome(decider(drifting(seed), number=10), drifting(seed), None, frozenset())
        if item.thought.code == "edge_below_bar"
    }
    assert any("at least" in line for line in lines)


def test_the_edge_that_is_shown_is_no_less_than_the_true_one() -> None:
    for seed in range(8):
        early = outcome(decider(drifting(seed), number=10), drifting(seed), None, frozenset())
        whole = outcome(decider(drifting(seed), number=10), drifting(seed), None, ELSEWHERE)
        for one, other in zip(early, whole, strict=True):
            if one.thought.code == other.thought.code == "edge_below_bar":
                assert one.thought.edge_bps >= other.thought.edge_bps
                assert one.thought.cost_bps <= other.thought.cost_bps


def test_gas_that_nobody_measured_is_asked_for_whatever_is_decided() -> None:
    empty = GasBook(None)
    outcome(decider(drifting(0), gas_book=empty), drifting(0), None, frozenset())
    assert set(empty.wanted) == {path(USD, WETH), path(WETH, USD), path(USD, WETH, ALT), path(ALT, WETH, USD)}


def test_who_has_little_for_gas_is_told_exactly_how_it_is() -> None:
    by = decider(drifting(0))
    poor = book(balances={USD.address: 9_000 * DOLLAR, NATIVE: 1})
    found = by.decide(poor, HEAD, start_equity=10_000 * DOLLAR, trusted=True)
    assert {item.thought.code for item in found} == {"no_gas_money"}
