import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_trading.terminal.words import LONGEST_SYMBOL, amount, gwei, percent, plain, price, signed, symbol, trade_line
from tests.paper_trading.terminal.reports import HOSTILE, bought, disputed, named, reverted, sold
from tests.support.small_desk import USD, WETH


def test_a_plain_symbol_is_shown_as_it_is() -> None:
    assert symbol(WETH) == "WETH"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mUSDC", "[31mUSDC"),
        ("US\u200bDC", "USDC"),
        ("\u202eCDSU", "CDSU"),
        ("US DC\n\t", "USDC"),
        ("\ufeffUSDC\x00", "USDC"),
        ("A" * 50, "A" * LONGEST_SYMBOL),
    ],
)
def test_a_hostile_symbol_loses_what_acts_on_the_terminal(text: str, shown: str) -> None:
    assert symbol(named(text)) == shown


@pytest.mark.parametrize("text", ["", "\u200b\x00", " ", "\u0301\u0301"])
def test_a_symbol_of_nothing_is_shown_as_its_address(text: str) -> None:
    assert symbol(named(text, 10)) == "0xaaaa…aaaa"


def test_marks_cannot_strike_out_or_pile_up_over_other_lines() -> None:
    assert symbol(named("U\u0338S\u0338D" + "C\u0300\u0301\u0302\u0303")) == "USDC"


@given(st.text(max_size=40))
def test_no_symbol_acts_on_the_terminal_or_takes_more_than_its_room(text: str) -> None:
    shown = symbol(named(text))
    assert 0 < len(shown) <= LONGEST_SYMBOL
    assert not {unicodedata.category(char)[0] for char in shown} & set("CZM")


@given(st.text(max_size=60))
def test_plain_text_is_one_line_of_the_same_length_that_acts_on_nothing(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(char)[0] == "C" for char in shown)


def test_separators_that_are_no_control_characters_break_no_line() -> None:
    assert len(plain("a\u2028b\u2029c").splitlines()) == 1


def test_plain_text_keeps_what_can_be_read() -> None:
    assert plain("Too little received (0x1f): né €") == "Too little received (0x1f): né €"


def test_an_amount_names_its_token() -> None:
    assert amount(1_234_567_890, USD) == "1,234.56 USD"
    assert amount(1_234_567_890, USD, digits=8) == "1,234.5678 USD"


@pytest.mark.parametrize(("units", "text"), [(5, "+0.000005 USD"), (-5, "-0.000005 USD"), (0, "0.00000 USD")])
def test_a_result_has_its_sign(units: int, text: str) -> None:
    assert signed(units, USD) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(1, 3, "+33.33 %"), (-5, 1_000, "-0.50 %"), (0, 5, "+0.00 %"), (5, 0, "-")]
)
def test_a_share_has_two_decimals_and_nothing_to_compare_with_is_a_dash(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


@pytest.mark.parametrize(
    ("value", "text"), [(61_234.567, "61,234.57"), (25.0, "25.0000"), (0.000123456789, "0.000123457"), (0.0, "0")]
)
def test_a_price_has_about_six_digits(value: float, text: str) -> None:
    assert price(value) == text


def test_a_gas_price_is_shown_in_gwei() -> None:
    assert gwei(1_234_567_890) == "1.23 gwei"


def test_a_trade_line_says_what_moved_and_whether_its_receipt_checks_out() -> None:
    line = trade_line(bought(), USD)
    for words in ("block 101", "buy WETH", "1,000.00 USD for 0.400000 WETH", "both", "receipt checks out"):
        assert words in line


def test_a_sale_is_told_the_other_way_round() -> None:
    assert "1.00000 WETH for 2,490.00 USD" in trade_line(sold(), USD)


@pytest.mark.parametrize(("ok", "words"), [(True, "checks out"), (False, "DOES NOT MATCH"), (None, "not checked")])
def test_a_receipt_is_told_in_three_ways(ok: bool | None, words: str) -> None:
    assert trade_line(bought(ok=ok), USD).endswith(f"receipt {words}")


def test_a_dispute_is_named() -> None:
    assert "disputed" in trade_line(disputed(), USD)


def test_a_revert_says_why_in_one_harmless_line() -> None:
    line = trade_line(reverted(HOSTILE), USD)
    assert "reverted: " in line
    assert plain(line) == line
