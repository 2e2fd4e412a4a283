import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.amounts import AmountRaw, AmountText, amount, parse_amount
from dex.amounts import AmountError
from dex.types import Address, Token

ADDRESS = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")


def token(decimals: int) -> Token:
    return Token(chain_id=1, address=ADDRESS, symbol="TKN", decimals=decimals)


def test_an_amount_says_all_that_is_needed_to_read_it() -> None:
    assert amount(1_500_000, token(6)) == {
        "raw": "1500000",
        "decimals": 6,
        "symbol": "TKN",
        "token": ADDRESS,
        "text": "1.5",
    }


def test_no_amount_stays_none() -> None:
    assert amount(None, token(6)) is None


@given(st.integers(0, 2**256 - 1), st.integers(0, 77))
def test_what_an_amount_says_is_what_it_was(value: int, decimals: int) -> None:
    told = amount(value, token(decimals))
    assert told is not None
    assert parse_amount(told["text"], token(decimals)) == value == int(told["raw"])


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1e3", "NaN", "Infinity", "1,5", "1.", ".5", "\u0663", "1 ", "0x1", "1_0"]
)
def test_only_plain_ascii_decimals_are_amounts(text: str) -> None:
    with pytest.raises(AmountError):
        parse_amount(text, token(18))


def test_an_endless_text_is_refused_by_its_length() -> None:
    with pytest.raises(AmountError, match="at most 334"):
        parse_amount("0." + "0" * 1_000_000, token(18))


@pytest.mark.parametrize("given_value", [1, 1.5, True, "1e3", "-1", "\u0663", "1\n", None])
def test_the_amount_field_takes_text_alone(given_value: object) -> None:
    with pytest.raises(Exception, match="ErrorDetail"):
        AmountText().run_validation(given_value)


def test_a_raw_amount_is_an_int_below_what_a_contract_can_hold() -> None:
    assert AmountRaw().run_validation(str(2**256 - 1)) == 2**256 - 1
    with pytest.raises(Exception, match="more than any token contract can hold"):
        AmountRaw().run_validation(str(2**256))
