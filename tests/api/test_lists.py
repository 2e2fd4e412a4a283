import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from api import lists
from api.csv_export import cell
from tests.support.api_client import client_for, error_of, user_named
from trading.models import Chain, Token

pytestmark = pytest.mark.django_db
URL = "/paper-trading/api/tokens/"


@pytest.fixture
def reader() -> Client:
    return client_for(user_named("alice"), scopes=["read"])


@pytest.fixture
def tokens() -> list[Token]:
    chain = Chain.objects.create(chain_id=31337, name="devnet")
    rows = [Token(chain=chain, address=f"0x{i:040d}", symbol=f"S{i % 3}", decimals=6) for i in range(1, 12)]
    return Token.objects.bulk_create(rows)


def pages(reader: Client, query: str, way: str = "next") -> Iterator[list[dict[str, Any]]]:
    url = f"{URL}?{query}"
    while url is not None:
        answer = reader.get(url).json()
        yield answer["results"]
        url = answer[way]


@pytest.mark.parametrize("ordering", ["id", "-id", "symbol", "-symbol"])
def test_the_pages_hold_every_row_once_in_order(reader: Client, tokens: list[Token], ordering: str) -> None:
    rows = [row for page in pages(reader, f"limit=2&ordering={ordering}") for row in page]
    name = ordering.removeprefix("-")
    expected = sorted(tokens, key=lambda row: (getattr(row, name), row.pk), reverse=ordering.startswith("-"))
    assert [row["id"] for row in rows] == [row.pk for row in expected]


def test_the_way_back_is_the_way_there(reader: Client, tokens: list[Token]) -> None:
    *_, last = answers = list(self_and_next(reader, f"{URL}?limit=3&ordering=symbol"))
    there = [answer["results"] for answer in answers]
    back = [last["results"]]
    while last["previous"] is not None:
        last = reader.get(last["previous"]).json()
        back.insert(0, last["results"])
    assert len(there) == 4
    assert [row for page in back for row in page] == [row for page in there for row in page]


def self_and_next(reader: Client, url: str | None) -> Iterator[dict[str, Any]]:
    while url is not None:
        answer = reader.get(url).json()
        yield answer
        url = answer["next"]


def test_a_row_that_comes_in_between_moves_nothing(reader: Client, tokens: list[Token]) -> None:
    first = reader.get(f"{URL}?limit=5&ordering=-id").json()
    Token.objects.create(chain=tokens[0].chain, address="0x" + "f" * 40, symbol="NEW", decimals=0)
    second = reader.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == [row.pk for row in tokens[5:0:-1]]


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U", "a:b", "Ww:x", "9" * 600, "%00", "ü"])
def test_a_cursor_that_was_not_made_here_is_a_400(reader: Client, tokens: list[Token], cursor: str) -> None:
    answer = reader.get(URL, {"cursor": cursor})
    assert answer.status_code == 400
    assert set(error_of(answer)["fields"]) == {"cursor"}


def test_a_cursor_of_another_ordering_or_list_is_a_400(reader: Client, tokens: list[Token]) -> None:
    cursor = reader.get(f"{URL}?limit=2&ordering=symbol").json()["next"].partition("cursor=")[2].partition("&")[0]
    assert reader.get(f"{URL}?limit=2&ordering=id&cursor={cursor}").status_code == 400
    assert reader.get(f"/paper-trading/api/pools/?limit=2&cursor={cursor}").status_code == 400


def test_filters_stay_on_the_next_page(reader: Client, tokens: list[Token]) -> None:
    rows = [row for page in pages(reader, "limit=1&symbol=s1") for row in page]
    assert {row["symbol"] for row in rows} == {"S1"}
    assert len(rows) == 4


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "ordering=decimals", "ordering=chain__id", "nonsense=1"])
def test_what_is_not_on_the_lists_is_a_400(reader: Client, query: str) -> None:
    assert reader.get(f"{URL}?{query}").status_code == 400


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_csv_holds_all_rows_that_the_filters_leave(
    reader: Client, tokens: list[Token], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "CSV_BATCH", 2)
    answer = reader.get(f"{URL}?format=csv&symbol=S1&ordering=-id")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tokens.csv"'
    assert [row["id"] for row in rows_of(answer)] == [str(row.pk) for row in reversed(tokens) if row.symbol == "S1"]


def test_csv_can_be_asked_for_by_what_is_accepted(reader: Client, tokens: list[Token]) -> None:
    assert len(rows_of(reader.get(URL, headers={"accept": "text/csv"}))) == len(tokens)


def test_a_symbol_that_is_a_formula_is_text_in_the_csv(reader: Client, tokens: list[Token]) -> None:
    Token.objects.create(chain=tokens[0].chain, address="0x" + "e" * 40, symbol='=HYPERLINK("x")', decimals=0)
    assert rows_of(reader.get(f"{URL}?format=csv"))[-1]["symbol"] == '\'=HYPERLINK("x")'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_cell_starts_as_a_formula_does(start: str) -> None:
    assert cell(f"{start}1")[0] == "'"
    assert cell(-1) == "-1"


@pytest.mark.parametrize("rows", [3, 30])
def test_a_page_costs_the_same_number_of_queries(
    reader: Client, tokens: list[Token], rows: int, django_assert_num_queries: Any
) -> None:
    more = [Token(chain=tokens[0].chain, address=f"0x9{i:039d}", symbol="M", decimals=0) for i in range(30)]
    Token.objects.bulk_create(more)
    reader.get(URL)  # writes down that the token was used
    with django_assert_num_queries(2):  # who asks, and the rows
        assert len(reader.get(f"{URL}?limit={rows}").json()["results"]) == rows
