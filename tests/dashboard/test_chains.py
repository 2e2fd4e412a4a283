"""How far a page is behind each of its chains."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from dashboard.chains import ChainState, chain_states
from tests.dashboard.world import browser_of
from tests.paper_trading.world import new_account, new_session
from tests.support.api_client import user_named
from trading.models import Chain, Market

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def follow(name: str, chain_id: int, *, seconds_ago: float = 0, block: int = 1_234, key: str = "") -> Market:
    chain, _ = Chain.objects.get_or_create(name=name, chain_id=chain_id)
    return Market.objects.create(
        chain=chain,
        chain_key=key or name,
        quote_token="0x",
        head_number=block,
        head_hash="0x",
        head_time=NOW,
        observed_at=NOW - timedelta(seconds=seconds_ago),
    )


def states(*topics: str) -> list[ChainState]:
    return chain_states(topics, NOW)


def test_every_chain_of_the_page_is_told_once_in_the_order_of_its_topics() -> None:
    follow("devnet", 31337, block=7)
    follow("ethereum", 1, block=9)
    found = states("portfolio:1", "market:ethereum", "market:devnet", "market:ethereum")
    assert [(one.name, one.block) for one in found] == [("ethereum", 9), ("devnet", 7)]


def test_a_page_without_a_market_asks_nobody(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert states("portfolio:1", "session:2") == []


def test_many_chains_are_one_question(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    follow("devnet", 31337)
    follow("ethereum", 1)
    with django_assert_num_queries(1):
        assert len(states("market:ethereum", "market:devnet")) == 2


def test_one_that_nobody_ever_followed_is_left_out() -> None:
    follow("devnet", 31337)
    assert [one.name for one in states("market:ethereum", "market:devnet")] == ["devnet"]


def test_of_several_instances_the_one_that_was_seen_last_counts() -> None:
    follow("devnet", 31337, key="old", block=900, seconds_ago=60)
    follow("devnet", 31337, key="new", block=3)
    assert [one.block for one in states("market:devnet")] == [3]


def test_it_is_stale_after_three_of_its_blocks_and_never_before_three_seconds() -> None:
    follow("ethereum", 1, seconds_ago=35)
    follow("devnet", 31337, seconds_ago=2.5)
    assert [one.is_stale for one in states("market:ethereum", "market:devnet")] == [False, False]
    Market.objects.filter(chain__name="ethereum").update(observed_at=NOW - timedelta(seconds=37))
    Market.objects.filter(chain__name="devnet").update(observed_at=NOW - timedelta(seconds=60))
    assert [one.is_stale for one in states("market:ethereum", "market:devnet")] == [True, True]


def test_a_clock_that_is_ahead_makes_nothing_younger_than_now() -> None:
    follow("devnet", 31337, seconds_ago=-5)
    assert states("market:devnet")[0].age_ms == 0


def test_the_header_shows_each_chain_with_its_age() -> None:
    alice = user_named("alice")
    for name, chain_id in (("devnet", 31337), ("ethereum", 1)):
        follow(name, chain_id)
        session = new_session(new_account(user=alice, name=name))
        type(session).objects.filter(pk=session.pk).update(chain=name, status="running")
    page = browser_of(alice).get("/").content.decode()
    assert page.count('<span class="head"') == 2
    assert 'data-chain="ethereum" data-age="' in page
    assert "<span data-head>1,234</span>" in page
