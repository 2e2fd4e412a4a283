from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dex.types import Address, BlockRef
from tests.support.api_client import client_for, error_of, user_named
from trading.api_views.market import price_text
from trading.models import Candle, Chain, Market, Token
from trading.networks import networks
from trading.selectors.candles import WIDTHS
from trading.services import observe_market

pytestmark = pytest.mark.django_db
ROOT = "/paper-trading/api"
START = datetime(2025, 6, 1, tzinfo=UTC)
DEVNET = networks()["devnet"]
WETH = DEVNET.wrapped_native


@pytest.fixture
def reader() -> Client:
    return client_for(user_named("alice"), scopes=["read"])


@pytest.fixture
def market() -> Market:
    chain = Chain.objects.create(chain_id=DEVNET.chain_id, name=DEVNET.name)
    for one in DEVNET.tokens:
        Token.objects.create(chain=chain, address=one.address, symbol=one.symbol, decimals=one.decimals)
    head = BlockRef(number=7, hash="0x07", parent_hash="0x06", timestamp=1_750_000_000, base_fee_per_gas=10**20)
    prices = {Address(WETH): 2500.25, Address("0x" + "d" * 40): 2.5e-7}
    return observe_market(
        network=DEVNET, chain_key="key", head=head, since=0, tip=5, prices=prices, tracks={}, flows={}
    )


def minutes(market: Market, count: int) -> None:
    Candle.objects.bulk_create(
        Candle(
            market=market,
            token=WETH,
            opened_at=START + timedelta(minutes=i),
            open=100 + i,
            high=200 + i,
            low=50 - i % 7,
            close=101 + i,
            volume=10**30 + i,
            trades=i,
        )
        for i in range(count)
    )


def candles(reader: Client, query: str) -> list[dict[str, Any]]:
    answer = reader.get(f"{ROOT}/candles/?token=WETH&{query}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_prices_come_with_their_block_and_age(reader: Client, market: Market) -> None:
    [told] = reader.get(f"{ROOT}/prices/").json()["results"]
    assert told["block"] == {"number": 7, "hash": "0x07", "time": "2025-06-15T15:06:40Z"}
    assert (told["base_fee"], told["tip"], told["stale"]) == ("100000000000000000000", "5", False)
    assert {price["token"]["symbol"]: price["price"] for price in told["prices"]} == {
        "WETH": "2500.25",
        "?": "0.00000025",
    }


def test_prices_that_nobody_renews_are_stale(reader: Client, market: Market) -> None:
    Market.objects.update(observed_at=timezone.now() - timedelta(seconds=30))
    [told] = reader.get(f"{ROOT}/prices/").json()["results"]
    assert told["stale"]
    assert told["age_seconds"] >= 30


@pytest.mark.parametrize("price", [1e-18, 2.5, 3e22, 0.1, 0.0])
def test_a_price_is_written_without_an_exponent(price: float) -> None:
    assert "e" not in price_text(price).lower()
    assert float(price_text(price)) == price


def test_five_minutes_make_one_candle(reader: Client, market: Market) -> None:
    minutes(market, 10)
    first, second = candles(reader, "interval=5m")
    assert first["opened_at"] == "2025-06-01T00:00:00Z"
    assert [first[name] for name in ("open", "high", "low", "close")] == ["100.0", "204.0", "46.0", "105.0"]
    assert first["trades"] == 0 + 1 + 2 + 3 + 4
    assert first["volume"]["raw"] == str(5 * 10**30 + 10)
    assert second["opened_at"] == "2025-06-01T00:05:00Z"
    assert (second["open"], second["close"]) == ("105.0", "110.0")


@pytest.mark.parametrize("interval", WIDTHS)
def test_no_candle_loses_a_trade_or_a_unit(reader: Client, market: Market, interval: str) -> None:
    minutes(market, 1_500)
    found = candles(reader, f"interval={interval}&limit=1000&since=2025-06-01T00:00:00Z")
    shown = 1_000 if interval == "1m" else 1_500
    assert sum(candle["trades"] for candle in found) == sum(range(1_500)[-shown:])
    assert sum(int(candle["volume"]["raw"]) for candle in found) == shown * 10**30 + sum(range(1_500)[-shown:])
    assert [candle["opened_at"] for candle in found] == sorted(candle["opened_at"] for candle in found)


def test_the_newest_candles_are_told(reader: Client, market: Market) -> None:
    minutes(market, 10)
    assert [candle["open"] for candle in candles(reader, "limit=2")] == ["108.0", "109.0"]


def test_a_span_begins_with_a_whole_candle_and_ends_before_its_end(reader: Client, market: Market) -> None:
    minutes(market, 20)
    span = "interval=5m&since=2025-06-01T00:07:00Z&until=2025-06-01T00:15:00Z"
    assert [candle["open"] for candle in candles(reader, span)] == ["105.0", "110.0"]


def test_another_instance_of_the_chain_is_not_mixed_in(reader: Client, market: Market) -> None:
    minutes(market, 3)
    other = Market.objects.create(
        chain=market.chain,
        chain_key="older",
        quote_token=market.quote_token,
        head_number=1,
        head_hash="0x01",
        head_time=START,
        observed_at=START,
    )
    minutes(other, 9)
    assert len(candles(reader, "")) == 3


def test_a_chain_without_a_market_has_no_candles(reader: Client) -> None:
    assert candles(reader, "chain=devnet") == []


@pytest.mark.parametrize("query", ["", "token=NOPE", "token=WETH&chain=nowhere", "token=WETH&interval=2m"])
def test_what_is_not_known_is_a_400_that_names_it(reader: Client, market: Market, query: str) -> None:
    answer = reader.get(f"{ROOT}/candles/?{query}")
    assert answer.status_code == 400
    assert error_of(answer)["fields"]


def test_many_candles_take_as_many_queries_as_few(
    reader: Client, market: Market, django_assert_num_queries: Any
) -> None:
    minutes(market, 200)
    candles(reader, "")
    for limit in (3, 30):
        with django_assert_num_queries(4):  # who asks, the market, the groups, their edges
            assert len(candles(reader, f"interval=5m&limit={limit}")) == limit
