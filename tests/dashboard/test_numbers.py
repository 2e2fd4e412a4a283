"""How numbers stand in a page: cut for reading, exact on hover, with their sign and colour."""

import pytest
from django.template import Context, Template

from dex.types import Address, Token

DOLLAR = Token(chain_id=1, address=Address("0x" + "1" * 40), symbol="USDC", decimals=6)
NOBODYS = Token(chain_id=1, address=Address("0x" + "2" * 40), symbol="?", decimals=0)
HOSTILE = Token(chain_id=1, address=Address("0x" + "3" * 40), symbol='"><script>', decimals=2)
AMOUNTS = ("amount value token", "result value token")
PLAIN = ("percent value", "share value", "gwei value", "count value", "height value")
UNKNOWN = '<span class="quiet" title="not known">-</span>'


def shown(tag: str, value: object, token: Token = DOLLAR) -> str:
    template = Template(f"{{% load numbers %}}{{% {tag} %}}")
    return template.render(Context({"value": value, "token": token}))


@pytest.mark.parametrize(
    ("value", "title", "read"),
    [
        (0, "0", "0.00000"),
        (1, "0.000001", "0.000001"),
        (1_999_999, "1.999999", "1.99999"),
        (-1_999_999, "-1.999999", "-1.99999"),
        (1_234_567_891, "1234.567891", "1,234.56"),
        (10**30, "1" + 24 * "0", "1,000,000,000,000,000,000,000,000.00"),
    ],
)
def test_an_amount_is_cut_towards_zero_and_exact_on_hover(value: int, title: str, read: str) -> None:
    assert shown("amount value token", value) == (
        f'<data class="num" value="{title}" title="{title} USDC">{read} <span class="unit">USDC</span></data>'
    )


def test_an_amount_of_a_token_that_nobody_knows_is_whole_base_units() -> None:
    text = shown("amount value token", 1_234_567, NOBODYS)
    assert 'title="1234567 ?">1,234,567 <span class="unit">?</span>' in text


def test_what_a_token_calls_itself_stays_text() -> None:
    assert "<script>" not in shown("amount value token", 1, HOSTILE)


@pytest.mark.parametrize(
    ("value", "kind", "read"), [(5_000_000, " good", "+5.00000"), (-5_000_000, " bad", "-5.00000"), (0, "", "0.00000")]
)
def test_a_result_has_its_sign_and_its_colour(value: int, kind: str, read: str) -> None:
    assert f'<data class="num{kind}"' in shown("result value token", value)
    assert f">{read} <" in shown("result value token", value)


@pytest.mark.parametrize(
    ("bps", "kind", "read"),
    [(123, " good", "+1.23%"), (-7, " bad", "-0.07%"), (0, "", "0.00%"), (-1_234_500, " bad", "-12,345.00%")],
)
def test_a_percentage_of_gain_or_loss(bps: int, kind: str, read: str) -> None:
    assert shown("percent value", bps) == f'<data class="num{kind}" value="{bps}">{read}</data>'


def test_a_share_has_no_colour() -> None:
    assert shown("share value", 5_000) == '<data class="num" value="5000">50.00%</data>'


def test_a_price_of_gas_is_exact_to_the_wei_on_hover() -> None:
    text = shown("gwei value", 1_234_567_891)
    assert text == '<data class="num" value="1234567891" title="1,234,567,891 wei">1.23456 gwei</data>'


def test_a_count_and_a_block_mark_their_thousands() -> None:
    assert shown("count value", 1_234_567) == '<data class="num" value="1234567">1,234,567</data>'
    assert shown("height value", 20_000_000) == '<span class="block">block 20,000,000</span>'


@pytest.mark.parametrize("tag", [*AMOUNTS, *PLAIN])
def test_what_is_not_known_is_not_zero(tag: str) -> None:
    assert shown(tag, None) == UNKNOWN
    assert shown(tag, 0) != UNKNOWN


def test_a_template_that_loads_them_can_still_have_blocks() -> None:
    template = Template("{% load numbers moments parts modules %}{% block title %}as ever{% endblock %}")
    assert template.render(Context()) == "as ever"
