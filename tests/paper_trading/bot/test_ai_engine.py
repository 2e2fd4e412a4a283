"""What the engine trades on, and every gate that keeps it from trading."""

import random
from dataclasses import replace
from itertools import accumulate
from math import exp

import pytest

from paper_trading.bot.ai_engine import AIEngine
from paper_trading.intelligence.base import Action, Decision, EntryQuote, PortfolioView, TokenView, price_series
from paper_trading.intelligence.intel_slider import level
from tests.paper_trading.intelligence.views import DOLLAR, HEAD, head, holding, portfolio, rising, rung, view

RNG = random.Random(13)
UNSURE = [exp(log_price) for log_price in accumulate(RNG.gauss(0.0, 0.002) for _ in range(200))]


def decide(seen: TokenView, account: PortfolioView | None = None, number: int = 8) -> Decision:
    return AIEngine(level(number)).decide(seen, portfolio() if account is None else account)


def test_a_clear_trend_is_bought_with_a_positive_edge_after_all_costs() -> None:
    found = decide(view())
    assert (found.action, found.code) == (Action.BUY, "edge_over_bar")
    assert found.edge_bps > 0
    assert found.cost_bps > 60
    assert found.size in {quote.amount_in for quote in view().ladder}


def test_the_edge_is_the_expected_move_less_fees_impact_and_gas() -> None:
    cheap = decide(view(ladder=(rung(900, lost_bps=60),)))
    dear = decide(view(ladder=(rung(900, lost_bps=90),)))
    gassy = decide(view(ladder=(rung(900, lost_bps=60),), buy_gas_quote=DOLLAR))
    assert cheap.edge_bps - dear.edge_bps == pytest.approx(30.0)
    assert cheap.edge_bps - gassy.edge_bps == pytest.approx(10.0)


def test_the_same_view_gives_the_same_decision() -> None:
    assert decide(view()) == decide(view())


def test_a_falling_token_is_not_bought() -> None:
    assert decide(view(rising(-5.0))).code == "edge_below_bar"


def test_noise_is_not_bought() -> None:
    assert decide(view(rising(0.0))).action is Action.HOLD


def test_a_held_token_is_not_bought_again() -> None:
    found = decide(holding(1_000))
    assert (found.action, found.code, found.size) == (Action.HOLD, "holding", 0)


def test_an_exit_sells_the_whole_position() -> None:
    found = decide(holding(950))
    assert (found.action, found.code, found.size) == (Action.SELL, "stop_loss", 10**18)


def test_every_reason_is_one_line() -> None:
    for found in (decide(view()), decide(holding(950)), decide(view(ladder=()))):
        assert found.reasons
        assert all("\n" not in line for line in found.reasons)


STALE = {
    "stale_data": {"head_age_seconds": 3.1},
    "market_unsettled": {"settled": False},
    "missing_data": {"prices": price_series((), (), ())},
}


@pytest.mark.parametrize("number", range(1, 11))
@pytest.mark.parametrize("code", STALE)
def test_stale_or_missing_data_never_trades_at_any_level(code: str, number: int) -> None:
    assert decide(view(**STALE[code]), number=number).code == code
    assert decide(replace(holding(900), **STALE[code]), number=number).code == code


def test_a_price_that_is_not_of_the_head_is_missing() -> None:
    assert decide(view(head=head(number=HEAD + 1))).code == "missing_data"


def test_a_head_without_a_base_fee_is_missing_where_gas_is_charged() -> None:
    assert decide(view(head=head(base_fee_per_gas=None))).code == "missing_data"


def test_a_source_that_records_no_fees_trades_without_them() -> None:
    seen = view(
        head=head(base_fee_per_gas=None),
        buy_gas_quote=None,
        sell_gas_quote=None,
        buy_gas_wei=None,
        sell_gas_wei=None,
        base_fees=(),
    )
    assert decide(seen, portfolio(native_balance=None)).action is Action.BUY


WILD = view(rising(60.0, wiggle_bps=50.0)).prices
ENTRY_GATES = [
    ("short_history", {"prices": price_series(range(HEAD - 9, HEAD + 1), range(10), [1.0] * 10)}, {}),
    ("quarantined_pool", {"quarantined": True}, {}),
    ("max_positions", {}, {"open_positions": 5}),
    ("cooldown", {}, {"last_trade_block": HEAD - 9}),
    ("below_min_trade", {}, {"cash": 199 * DOLLAR}),
    ("below_min_trade", {}, {"equity": 1_000 * DOLLAR}),
    ("missing_data", {"ladder": ()}, {}),
    ("missing_data", {"buy_gas_wei": None}, {}),
    ("missing_data", {"sell_gas_quote": None}, {}),
    ("no_gas_money", {}, {"native_balance": 2 * 10**14 - 1}),
    ("too_much_impact", {"ladder": (rung(900, lost_bps=261),)}, {}),
    ("edge_below_bar", {"buy_gas_quote": 500 * DOLLAR}, {}),
    ("risk_above_limit", {"prices": WILD}, {"equity": 1_200 * DOLLAR}),
]


@pytest.mark.parametrize(("code", "seen", "account"), ENTRY_GATES)
def test_each_gate_holds_a_buy_back(code: str, seen: dict[str, object], account: dict[str, object]) -> None:
    found = decide(view(**seen), portfolio(**account))
    assert (found.action, found.code) == (Action.HOLD, code)


def test_a_forecast_that_is_not_sure_enough_is_not_traded_on() -> None:
    assert decide(view(UNSURE)).code == "confidence_below_bar"


def test_an_exit_needs_a_quote() -> None:
    assert decide(replace(holding(900), exit_worth=None)).code == "missing_data"


def test_an_exit_needs_gas_money() -> None:
    assert decide(holding(900), portfolio(native_balance=10**14 - 1)).code == "no_gas_money"


def test_an_exit_has_to_be_worth_its_gas() -> None:
    assert decide(replace(holding(1), sell_gas_quote=2 * DOLLAR)).code == "not_worth_gas"


def test_gates_for_buys_do_not_keep_a_position_from_being_sold() -> None:
    account = portfolio(open_positions=9, last_trade_block=HEAD, cash=0)
    assert decide(replace(holding(900), quarantined=True, ladder=()), account).action is Action.SELL


def test_impact_that_a_sale_straight_back_would_hide_is_a_cost() -> None:
    """The quote back is on the state before the buy, so 1 % of impact each way shows as 2 % lost."""
    thin = EntryQuote(amount_in=900 * DOLLAR, amount_out=10**18, back=900 * DOLLAR * 974 // 1000)
    assert decide(view(ladder=(thin,))).action is Action.HOLD
