"""Every line is one JSON object of ASCII, its amounts exact texts with their token beside them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from paper_trading.terminal.json_lines import line, money, report_lines
from tests.paper_trading.terminal.reports import HOSTILE, bought, empty, full, named, reverted
from tests.paper_trading.world import FEE, GAS
from tests.support.small_desk import DOLLAR, FIRST, SENDER, USD, WETH, block


def parsed(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(text, parse_constant=_refuse) for text in lines]


def _refuse(text: str) -> None:
    raise AssertionError(f"{text} is no JSON")


def of(kind: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in lines if entry["type"] == kind]


def test_every_line_is_marked_as_paper() -> None:
    assert {entry["mode"] for entry in parsed(report_lines(full()))} == {"PAPER"}


def test_trades_come_first_then_decisions_then_warnings_then_the_block() -> None:
    kinds = [entry["type"] for entry in parsed(report_lines(full()))]
    assert kinds == ["trade"] * 4 + ["decision"] * 2 + ["warning", "block"]


def test_an_empty_report_is_its_block() -> None:
    [entry] = parsed(report_lines(empty()))
    assert entry == {
        "type": "block",
        "mode": "PAPER",
        "block": FIRST,
        "hash": block(FIRST).hash,
        "timestamp": block(FIRST).timestamp,
        "base_fee_per_gas": None,
        "prices": {},
        "cash": {"amount": "0", "decimals": 6, "symbol": "USD", "text": "0.000000"},
        "native": "0",
        "equity": None,
        "start_equity": None,
        "positions": [],
        "waiting": 0,
        "launches": [],
        "decided_ms": 0.0,
        "booked_ms": 0.0,
    }


def test_a_block_says_what_the_account_holds_to_the_unit() -> None:
    [entry] = of("block", parsed(report_lines(full())))
    assert entry["cash"] == {"amount": "4000000001", "decimals": 6, "symbol": "USD", "text": "4000.000001"}
    assert entry["equity"]["text"] == "9012.345678"
    assert entry["native"] == "987654321012345678"
    assert (entry["waiting"], entry["launches"]) == (2, [SENDER])
    assert (entry["decided_ms"], entry["base_fee_per_gas"]) == (1.235, "1000000000")


def test_a_position_has_its_exit_worth_or_none() -> None:
    [entry] = of("block", parsed(report_lines(full())))
    weth, alt = entry["positions"]
    assert (weth["token"], weth["address"]) == ("WETH", WETH.address)
    assert weth["quantity"] == {"amount": str(2 * 10**18), "decimals": 18, "symbol": "WETH", "text": "2." + "0" * 18}
    assert (weth["cost"]["text"], weth["exit_worth"]["text"]) == ("5000.000000", "4900.000000")
    assert alt["exit_worth"] is None


def test_a_trade_has_exact_amounts_of_both_tokens() -> None:
    trade = of("trade", parsed(report_lines(full())))[0]
    assert trade["amount_in"] == {"amount": str(1_000 * DOLLAR), "decimals": 6, "symbol": "USD", "text": "1000.000000"}
    assert trade["amount_out"] == {
        "amount": "400000000000000000",
        "decimals": 18,
        "symbol": "WETH",
        "text": "0.400000000000000000",
    }
    assert (trade["trade"], trade["side"], trade["status"], trade["fill_block"]) == (41, "buy", "filled", FIRST + 1)
    assert (trade["gas_used"], trade["gas_source"], trade["fee_paid"]) == (GAS, "simulated", str(FEE))
    assert (trade["protocol"], trade["hops"], trade["witness"], trade["receipt_ok"]) == ("v2", 1, "both", True)


def test_a_sale_pays_the_token_and_receives_the_quote() -> None:
    sale = of("trade", parsed(report_lines(full())))[1]
    assert (sale["amount_in"]["symbol"], sale["amount_out"]["symbol"]) == ("WETH", "USD")


def test_a_revert_says_why() -> None:
    revert = of("trade", parsed(report_lines(full())))[2]
    assert (revert["status"], revert["revert_reason"], revert["amount_in"]["amount"]) == (
        "reverted",
        "Too little received",
        "0",
    )


def test_a_decision_has_its_figures_and_reasons() -> None:
    decision = of("decision", parsed(report_lines(full())))[0]
    assert (decision["token"], decision["action"], decision["code"]) == ("WETH", "hold", "edge_below_bar")
    assert (decision["edge_bps"], decision["cost_bps"], decision["confidence"]) == (-3.25, 61.5, 0.625)
    assert (len(decision["reasons"]), decision["ordered"]) == (4, False)


def test_a_warning_names_its_block() -> None:
    [warning] = of("warning", parsed(report_lines(full())))
    assert (warning["block"], warning["text"]) == (FIRST + 1, "the node is away")


def test_hostile_words_stay_inside_their_line_of_ascii() -> None:
    token = named(HOSTILE)
    report = replace(full(token), booked=(bought(token), reverted(HOSTILE)), notes=(HOSTILE,))
    lines = report_lines(report)
    assert all(text.isascii() and text.isprintable() for text in lines)
    assert of("warning", parsed(lines))[0]["text"] == HOSTILE


@pytest.mark.parametrize("units", [0, -1, 2**256 - 1])
def test_money_is_exact_at_any_size(units: int) -> None:
    found = money(units, WETH)
    assert found is not None
    assert int(found["amount"]) == units
    assert int(found["text"].replace(".", "")) == units


def test_unknown_money_is_null() -> None:
    assert money(None, USD) is None


def test_a_line_keeps_its_values() -> None:
    assert json.loads(line("note", text="é", number=3)) == {"type": "note", "mode": "PAPER", "text": "é", "number": 3}
