from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from paper_trading.models import BotSession
from paper_trading.services.live_cache import (
    WorthValues,
    get_market,
    get_worths,
    market_values,
    put_market,
    put_worths,
)
from tests.paper_trading.world import USDC, WETH, new_account, new_session
from trading.models import Chain, Market

KEY = "0x" + "22" * 32
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def market() -> Market:
    chain, _ = Chain.objects.get_or_create(chain_id=31337, defaults={"name": "devnet"})
    return Market.objects.create(
        chain=chain,
        chain_key=KEY,
        node="127.0.0.1",
        quote_token=USDC,
        head_number=7,
        head_hash="0x" + "07" * 32,
        head_time=datetime(2025, 6, 1, tzinfo=UTC),
        base_fee=2**200,
        prices={WETH: 2500.5},
    )


@pytest.fixture
def session() -> BotSession:
    session = new_session(new_account())
    session.cursor_block, session.equity, session.worths = 9, 12_345, {"1": "6", "2": None}
    session.save()
    return session


def test_a_market_that_nobody_put_is_read_from_its_row(market: Market) -> None:
    found = get_market(KEY)
    assert found is not None
    assert (found["block"], found["base_fee"], found["prices"]) == (7, str(2**200), {WETH: 2500.5})


def test_a_market_that_was_put_costs_no_query_and_is_what_the_row_says(
    market: Market, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_market(KEY, market_values(market))
    with django_assert_num_queries(0):
        found = get_market(KEY)
    cache.clear()
    assert found == get_market(KEY)


def test_an_unknown_chain_has_no_market() -> None:
    assert get_market("0x00") is None


def test_worths_that_nobody_put_are_read_from_their_rows(session: BotSession) -> None:
    expected = WorthValues(block=9, equity="12345", worths={"1": "6", "2": None})
    assert get_worths([session.pk, session.pk + 1]) == {session.pk: expected}


def test_worths_that_were_put_are_newer_than_the_rows_and_cost_no_query(
    session: BotSession, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    newer = WorthValues(block=10, equity="-5", worths={})
    put_worths({session.pk: newer})
    with django_assert_num_queries(0):
        assert get_worths([session.pk]) == {session.pk: newer}


def test_what_is_missing_is_read_in_one_query(
    session: BotSession, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    others = [new_session(new_account(name=f"{number}")) for number in range(3)]
    put_worths({session.pk: WorthValues(block=10, equity=None, worths={})})
    with django_assert_num_queries(1):
        found = get_worths([session.pk, *(other.pk for other in others)])
    assert len(found) == 4
    assert found[session.pk]["block"] == 10
