"""Each field of the slider changes what is decided or how it is sent."""

from dataclasses import fields

import pytest

from paper_trading.bot.ai_engine import AIEngine
from paper_trading.intelligence.base import Action, Decision, PortfolioView, TokenView
from paper_trading.intelligence.intel_slider import IntelSettings, level, with_overrides
from paper_trading.intelligence.limits import candidate_sizes, min_trade_quote, plan_limits
from tests.paper_trading.intelligence.views import DOLLAR, HEAD, head, holding, portfolio, rising, rung, view


def with_field(name: str, value: object) -> IntelSettings:
    return with_overrides(level(8), {name: value})


def decided(name: str, value: object, seen: TokenView, account: PortfolioView | None = None) -> Decision:
    return AIEngine(with_field(name, value)).decide(seen, portfolio() if account is None else account)


def test_risk_tolerance_lowers_the_bar() -> None:
    roomy = AIEngine(level(8)).decide(view(ladder=(rung(225),)), portfolio())
    tight = view(ladder=(rung(225, lost_bps=60 + int(roomy.edge_bps) - 20),))
    assert decided("risk_tolerance", 50, tight).code == "edge_below_bar"
    assert decided("risk_tolerance", 100, tight).action is Action.BUY


def test_risk_tolerance_widens_the_stop() -> None:
    assert decided("risk_tolerance", 1, holding(989, prices=rising(0.0))).action is Action.SELL
    assert decided("risk_tolerance", 100, holding(989, prices=rising(0.0))).action is Action.HOLD


def test_risk_tolerance_limits_what_a_stop_out_may_cost() -> None:
    assert decided("risk_tolerance", 5, view()).size < decided("risk_tolerance", 100, view()).size


def test_max_position_limits_the_sizes() -> None:
    assert max(candidate_sizes(with_field("max_position_pct", 5), portfolio())) == 500 * DOLLAR
    assert decided("max_position_pct", 5, view()).size <= 500 * DOLLAR < decided("max_position_pct", 20, view()).size


def test_min_confidence_decides_whether_a_forecast_counts() -> None:
    spike = view(head=head(base_fee_per_gas=2 * 10**9))
    sure = decided("min_confidence_pct", 0, spike).confidence
    assert 0.0 < sure < 0.99
    assert decided("min_confidence_pct", int(100 * sure), spike).action is Action.BUY
    assert decided("min_confidence_pct", int(100 * sure) + 1, spike).code == "confidence_below_bar"


def test_min_trade_keeps_small_accounts_out() -> None:
    for dollars, code in ((100, "edge_over_bar"), (2_000, "below_min_trade")):
        least = min_trade_quote(with_field("min_trade_usd", dollars), dollar=DOLLAR, start_equity=0)
        assert decided("min_trade_usd", dollars, view(), portfolio(min_trade_quote=least)).code == code


def test_min_trade_scales_with_the_account_where_there_is_no_dollar() -> None:
    ten_wether = 10 * 10**18
    assert min_trade_quote(with_field("min_trade_usd", 200), dollar=None, start_equity=ten_wether) == 2 * 10**17


def test_max_open_positions_closes_the_door() -> None:
    two = portfolio(open_positions=2)
    assert decided("max_open_positions", 2, view(), two).code == "max_positions"
    assert decided("max_open_positions", 3, view(), two).action is Action.BUY


def test_cooldown_waits_its_blocks() -> None:
    lately = portfolio(last_trade_block=HEAD - 7)
    assert decided("cooldown_blocks", 8, view(), lately).code == "cooldown"
    assert decided("cooldown_blocks", 7, view(), lately).action is Action.BUY


def test_signals_are_those_that_are_read() -> None:
    found = decided("signals", ["trend", "gas"], view())
    assert [reading.signal for reading in found.readings] == ["trend", "gas"]


def test_a_bad_condition_counts_only_where_its_signal_is_used() -> None:
    spike = view(head=head(base_fee_per_gas=2 * 10**9))
    heeded = decided("signals", ["trend", "gas"], spike)
    assert heeded.confidence < decided("signals", ["trend"], spike).confidence


def test_fee_patience_raises_the_fee_cap() -> None:
    decision = AIEngine(level(8)).decide(view(), portfolio())
    caps = [plan_limits(with_field("fee_patience_blocks", blocks), head(), decision, tip=0).caps for blocks in (1, 2)]
    assert [cap.max_fee_per_gas for cap in caps] == [1_125_000_000, 1_265_625_000]


def test_tolerance_ceiling_caps_the_slippage() -> None:
    wild = view(rising(30.0, wiggle_bps=60.0))
    for ceiling in (15, 90):
        settings = with_field("tolerance_ceiling_bps", ceiling)
        decision = AIEngine(settings).decide(wild, portfolio())
        assert plan_limits(settings, wild.head, decision, tip=0).tolerance_bps == ceiling


def test_tolerance_ceiling_limits_the_impact() -> None:
    thin = view(ladder=(rung(900, lost_bps=100),))
    assert decided("tolerance_ceiling_bps", 19, thin).code == "too_much_impact"
    assert decided("tolerance_ceiling_bps", 20, thin).code != "too_much_impact"


@pytest.mark.parametrize("name", [field.name for field in fields(IntelSettings)])
def test_no_field_is_without_a_test_above(name: str) -> None:
    stem = name.removesuffix("_pct").removesuffix("_usd").removesuffix("_blocks").removesuffix("_bps")
    assert name in {"level", "overridden"} or any(test.startswith(f"test_{stem}") for test in globals())
