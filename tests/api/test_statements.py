"""A compiled query answers as its queryset does, and is written once."""

from typing import Any

import pytest
from django.db.models import QuerySet

from api.statements import compiled
from trading.models import Chain, Market, Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> Chain:
    chain = Chain.objects.create(chain_id=31337, name="devnet")
    Token.objects.bulk_create(Token(chain=chain, address=f"0x{i}", symbol=f"S{i}", decimals=i) for i in range(5))
    return chain


@compiled
def named(symbols: list[str], chain_id: int) -> QuerySet[Token, Any]:
    found = Token.objects.filter(symbol__in=symbols, chain__chain_id=chain_id).order_by("-decimals")
    return found.values_list("symbol", "chain__name", named=True)


@compiled
def decimals_of(symbol: str) -> QuerySet[Token, int]:
    return Token.objects.filter(symbol=symbol).values_list("decimals", flat=True)


def test_values_and_lists_go_where_they_belong(chain: Chain) -> None:
    assert [(row.symbol, row.chain__name) for row in named(["S1", "S3"], 31337)] == [("S3", "devnet"), ("S1", "devnet")]
    assert [row.symbol for row in named(["S2"], 31337)] == ["S2"]
    assert named(["S2"], 1) == []
    assert (decimals_of("S4"), decimals_of("S9")) == ([4], [])


def test_nothing_is_asked_for_an_empty_list(chain: Chain, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert named([], 31337) == []


def test_a_value_is_never_read_as_sql(chain: Chain) -> None:
    assert decimals_of("S1' OR '1'='1") == []
    assert decimals_of("%s") == []


def test_columns_are_converted_as_django_does(chain: Chain) -> None:
    market = Market.objects.create(
        chain=chain,
        chain_key="0x1",
        quote_token="0x2",
        head_number=1,
        head_hash="0x3",
        head_time="2025-06-01T12:00:00Z",
        base_fee=2**256 - 1,
        prices={"0x0": 1.5},
    )

    def columns() -> QuerySet[Market, Any]:
        return Market.objects.values_list("pk", "base_fee", "tip", "prices", "head_time", "problem")

    assert compiled(columns)() == list(columns())
    assert compiled(columns)()[0][:2] == (market.pk, 2**256 - 1)


def test_the_queryset_is_made_once(chain: Chain) -> None:
    made = []

    @compiled
    def symbols(chain_id: int) -> QuerySet[Token, str]:
        made.append(chain_id)
        return Token.objects.filter(chain__chain_id=chain_id).values_list("symbol", flat=True)

    assert (len(symbols(31337)), len(symbols(1)), len(made)) == (5, 0, 1)
