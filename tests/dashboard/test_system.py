"""The page of the system: how it does, for everybody who is logged in, and no secret."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from paper_trading.feed import publisher
from paper_trading.models import BotHost, BotSession
from tests.api.world import Owned
from tests.paper_trading.world import new_account, new_session
from tests.support.api_client import user_named
from tests.support.celery_app import celery_on
from tests.support.redis_server import RedisServer, redis_server
from trading.models import Market

pytestmark = pytest.mark.django_db
PARTS = ("chains", "hosts", "state", "queues", "feed")
PACE = {"block": 1234, "behind_seconds": 0.4, "tick_p50_ms": 17.5, "tick_p99_ms": 71.0}
QUEUES = ("paper_trading", "risk.normal", "execution.critical")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server, celery_on(server.url):
        publisher.forget()
        yield server
    publisher.forget()


def page(browser: Client, **query: str) -> str:
    answer = browser.get("/system/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def part(browser: Client, name: str) -> str:
    """Its text, with exact amounts."""
    shown = re.sub(r'<data class="num" value="[^"]*" title="([^"]*)">.*?</data>', r"\1", page(browser, part=name))
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def test_the_page_is_shown_with_all_its_parts(owned: Owned, browser: Client) -> None:
    shown = page(browser)
    for name in PARTS:
        assert f'id="part-{name}"' in shown


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_had_alone(owned: Owned, browser: Client, name: str) -> None:
    assert "<html" not in page(browser, part=name)


def test_workers_are_asked_after_the_page_alone(redis: RedisServer, browser: Client) -> None:
    assert '<div id="part-queues" class="later"' in page(browser)
    assert "No worker answers" not in page(browser)


def test_a_chain_is_told_with_its_head_and_what_gas_costs(owned: Owned, browser: Client) -> None:
    Market.objects.update(head_number=1_234, base_fee=7 * 10**9, tip=3, observed_at=timezone.now())
    told = part(browser, "chains")
    assert "devnet id 31337 followed block 1,234" in told
    assert "7,000,000,000 wei 3 wei" in told


def test_the_lag_is_how_late_a_block_was_taken_in_and_the_age_how_long_ago(owned: Owned, browser: Client) -> None:
    now = timezone.now()
    Market.objects.update(head_time=now - timedelta(seconds=94), observed_at=now - timedelta(seconds=4))
    assert re.search(r"block 9 4\.\d s 90 s 9\d blocks", part(browser, "chains"))


def test_a_chain_that_nobody_follows_any_more_is_silent(owned: Owned, browser: Client) -> None:
    Market.objects.update(observed_at=timezone.now() - timedelta(minutes=5))
    told = part(browser, "chains")
    assert "silent since" in told
    assert "followed" not in told
    assert "market:devnet" not in page(browser)


def test_a_chain_in_trouble_says_why(owned: Owned, browser: Client) -> None:
    Market.objects.update(problem="two nodes <disagree>", observed_at=timezone.now())
    assert "in trouble two nodes &lt;disagree&gt;" in part(browser, "chains")


def test_where_no_chain_was_ever_followed_it_says_how_to_begin(browser: Client) -> None:
    assert "No chain has been followed yet" in part(browser, "chains")


def test_a_node_is_named_without_its_key(owned: Owned, browser: Client, settings: Settings) -> None:
    settings.RPC_URLS = ["https://me:hunter2@node.example:8545/v3/key-of-mine?token=x"]
    shown = page(browser)
    assert "node.example:8545" in shown
    assert not re.search("hunter2|key-of-mine|token=x", shown)


def test_a_host_is_told_with_its_pace_and_not_with_its_machine(browser: Client) -> None:
    host = BotHost.objects.create(name="machine-of-mine/4711", chain="devnet", sessions=3, pace=PACE)
    told = part(browser, "hosts")
    assert f"host {host.pk} alive devnet" in told
    assert "block 1,234 0.4 s after its time 17.5 ms, 71.0 ms" in told
    assert "machine-of-mine" not in page(browser)


def test_a_host_without_a_block_has_no_pace_yet(browser: Client) -> None:
    BotHost.objects.create(name="new", chain="devnet")
    assert "ms," not in part(browser, "hosts")


def test_a_host_that_was_killed_is_told_apart_and_one_that_left_is_not_there(browser: Client) -> None:
    BotHost.objects.create(name="killed", heartbeat_at=timezone.now() - timedelta(minutes=5))
    left = BotHost.objects.create(name="left", stopped_at=timezone.now())
    told = part(browser, "hosts")
    assert "gone without a word" in told
    assert f"host {left.pk}" not in told


def test_a_host_shows_the_visitors_own_sessions_and_nobody_elses(owned: Owned, browser: Client) -> None:
    theirs = new_session(new_account(user=user_named("mallory")))
    BotHost.objects.create(name="another")
    BotSession.objects.filter(pk__in=(owned.running.pk, theirs.pk)).update(owner="host")
    shown = page(browser, part="hosts")
    assert shown.count(f'href="/sessions/{owned.running.pk}/"') == 1
    assert f"/sessions/{theirs.pk}/" not in shown


def test_sessions_that_no_living_host_runs_are_told(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(owner="killed")
    assert "1 without a host that is alive" in part(browser, "hosts")
    BotSession.objects.filter(pk=owned.running.pk).update(owner="host")
    assert "without a host" not in part(browser, "hosts")


def test_where_nothing_takes_sessions_it_says_what_does(browser: Client) -> None:
    assert "No host takes sessions" in part(browser, "hosts")


def test_the_database_and_a_missing_redis_are_told(browser: Client) -> None:
    told = part(browser, "state")
    assert re.search(r"(SQLite|PostgreSQL) answers", told)
    assert "Redis not used" in told
    assert "There are no workers and no queues without Redis" in part(browser, "queues")
    assert "the memory of this process" in part(browser, "feed")


def test_with_redis_it_tells_what_waits_and_that_nobody_works(redis: RedisServer, browser: Client) -> None:
    redis.connect().rpush(f"{configured.CELERY_KEY_PREFIX}risk.normal", "one", "two")
    told = part(browser, "queues")
    assert "risk.normal 2" in told
    assert "paper_trading 0" in told
    assert "No worker answers" in told
    assert "Redis answers" in part(browser, "state")
    assert "Redis, for all processes" in part(browser, "feed")


def test_a_redis_that_is_away_is_told_without_its_password(browser: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    assert "Redis does not answer" in part(browser, "state")
    assert "Redis does not answer, so nobody knows what waits" in part(browser, "queues")
    assert "Redis does not answer: pages get nothing new" in part(browser, "feed")
    assert "hunter2" not in page(browser)


def test_the_feed_counts_the_frames_of_the_visitors_own_topics(alice: User, browser: Client) -> None:
    publisher.publish_event(f"portfolio:{alice.pk}", "account", {})
    assert publisher.flush(5)
    found = re.search(rf"portfolio:{alice.pk} \S+ (\d+)", part(browser, "feed"))
    assert found is not None
    assert int(found[1]) >= 1


def test_it_listens_to_hosts_and_to_chains_that_are_followed(owned: Owned, browser: Client) -> None:
    Market.objects.update(observed_at=timezone.now())
    shown = page(browser)
    assert "&quot;system&quot;" in shown
    assert "market:devnet" in shown
    assert re.search(r'id="part-hosts" class="part" data-on="host market status"', shown)


def test_it_asks_the_database_as_often_for_many_hosts_as_for_few(
    owned: Owned, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        BotHost.objects.create(name=f"host {number}", chain="devnet", pace=PACE)
    page(browser)
    with django_assert_max_num_queries(15):
        page(browser)
