import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.amounts import AmountError, exact_units, parse_units, short_units


@pytest.mark.parametrize(
    ("text", "decimals", "units"),
    [
        ("1.5", 6, 1_500_000),
        ("0.000001", 6, 1),
        ("007", 2, 700),
        ("1.50000000", 2, 150),
        ("3.00", 0, 3),
        ("0", 18, 0),
        ("123456789012345678901234567890.123456789012345678", 18, 123456789012345678901234567890123456789012345678),
    ],
)
def test_a_decimal_text_becomes_its_exact_base_units(text: str, decimals: int, units: int) -> None:
    assert parse_units(text, decimals) == units


@pytest.mark.parametrize("text", ["", ".5", "1.", "-1", "+1", "1e3", "1,000", " 1", "1\n", "0x10", "nan", "1_0", "٣"])
def test_anything_but_plain_digits_is_no_amount(text: str) -> None:
    with pytest.raises(AmountError, match="is no amount"):
        parse_units(text, 6)


def test_a_finer_amount_than_the_token_divides_into_is_refused() -> None:
    with pytest.raises(AmountError, match="more than the token's 6 decimals"):
        parse_units("0.0000001", 6)


def test_the_most_that_a_contract_can_hold_is_accepted_and_one_more_is_not() -> None:
    assert parse_units(str(2**256 - 1), 0) == 2**256 - 1
    with pytest.raises(AmountError, match="more than any token contract can hold"):
        parse_units(str(2**256), 0)


@given(st.integers(0, 2**256 - 1), st.integers(0, 60))
def test_exact_text_is_parsed_back_to_the_same_units(units: int, decimals: int) -> None:
    assert parse_units(exact_units(units, decimals), decimals) == units


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [(0, 0, "0"), (-1, 6, "-0.000001"), (5, 0, "5"), (-1_500_000, 6, "-1.500000"), (10**18, 18, "1." + "0" * 18)],
)
def test_exact_text_shows_every_digit(units: int, decimals: int, text: str) -> None:
    assert exact_units(units, decimals) == text


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (1_234_567_890, 6, "1,234.56"),
        (999_999_999, 6, "999.999"),
        (-1_234_567_890, 6, "-1,234.56"),
        (-500_000, 6, "-0.500000"),
        (123_456_789, 18, "0.000000000123456"),
        (12, 0, "12"),
        (0, 6, "0.00000"),
        (10**30 + 1, 18, "1,000,000,000,000.00"),
    ],
)
def test_short_text_keeps_about_six_digits_and_marks_thousands(units: int, decimals: int, text: str) -> None:
    assert short_units(units, decimals) == text


def test_short_text_has_as_many_digits_as_asked_for() -> None:
    assert short_units(12_345_678_901_234, 6, digits=10) == "12,345,678.90"


def _read(text: str, decimals: int) -> int:
    return int(text.replace(",", "").replace(".", "").replace("-", "").ljust(1, "0")) * 10 ** (
        decimals - len(text.partition(".")[2])
    )


@given(st.integers(-(10**40), 10**40), st.integers(0, 24))
def test_short_text_never_shows_more_than_there_is(units: int, decimals: int) -> None:
    shown = _read(short_units(units, decimals), decimals)
    assert 0 <= abs(units) - shown < max(1, abs(units) // 100 + 1)


@given(st.integers(-(10**40), -1), st.integers(0, 24))
def test_short_text_of_a_debt_has_a_minus_sign(units: int, decimals: int) -> None:
    assert short_units(units, decimals).startswith("-")
