"""The first page: all sessions of the visitor, and nobody else's."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from paper_trading.models import BotSession, EquityPoint, SessionStatus
from tests.api.world import Owned, furnish
from tests.dashboard.world import browser_of
from tests.paper_trading.world import USDC, WBTC, World, new_account, new_session
from tests.support.api_client import user_named
from trading.models import Chain, Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def usdc() -> None:
    chain = Chain.objects.create(chain_id=31337, name="devnet")
    Token.objects.create(chain=chain, address=USDC, symbol="USDC", decimals=6)


def session_of(name: str, account: str = "main", **values: object) -> BotSession:
    session = new_session(new_account(user=user_named(name), name=account))
    BotSession.objects.filter(pk=session.pk).update(**values)
    session.refresh_from_db()
    return session


def page_of(client: Client, **query: str) -> str:
    answer = client.get("/", query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.usefixtures("usdc")
def test_it_leads_to_the_running_session_with_its_worth_and_result() -> None:
    session = session_of("alice", status="running", start_equity=10_000_000_000, equity=10_500_000_000)
    page = page_of(browser_of(user_named("alice")))
    assert f'href="/sessions/{session.pk}/"' in page
    assert 'value="10500"' in page
    assert ">+500.000 <" in page
    assert ">+5.00%<" in page


def test_sessions_of_others_are_not_there() -> None:
    session = session_of("mallory", status="running")
    page = page_of(browser_of(user_named("alice")))
    assert f"/sessions/{session.pk}/" not in page
    assert "No session runs." in page


def test_one_that_has_ended_stands_apart_and_an_archived_one_nowhere() -> None:
    over = session_of("alice", status=SessionStatus.ENDED)
    away = session_of("alice", "second", status=SessionStatus.ENDED, archived_at="2026-01-01T00:00:00Z")
    page = page_of(browser_of(user_named("alice")))
    assert f"/sessions/{over.pk}/" in page.split('id="ended-title"')[1]
    assert f"/sessions/{away.pk}/" not in page


def test_a_halted_session_says_why() -> None:
    session_of("alice", status=SessionStatus.HALTED, end_reason="the <books> are wrong")
    assert "the &lt;books&gt; are wrong" in page_of(browser_of(user_named("alice")))


def test_one_without_a_worth_yet_is_told_apart_from_one_that_is_worth_nothing() -> None:
    session_of("alice", status="running", start_equity=None, equity=None)
    page = page_of(browser_of(user_named("alice")))
    assert "1 not valued yet" in page


def test_a_part_is_had_alone() -> None:
    session = session_of("alice", status="running")
    part = page_of(browser_of(user_named("alice")), part="live")
    assert f"/sessions/{session.pk}/" in part
    assert "<html" not in part


def test_a_part_that_is_none_is_not_found() -> None:
    assert browser_of(user_named("alice")).get("/", {"part": "nothing"}).status_code == 404


def test_a_part_leads_those_whose_login_is_over_to_the_login(client: Client) -> None:
    answer = client.get("/", {"part": "live"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login/")


def test_the_newest_trades_of_all_sessions_are_there_and_nobody_elses() -> None:
    mine, foreign = furnish(user_named("alice")), furnish(user_named("mallory"))
    over = BotSession.objects.create(
        account=mine.account, user=mine.user, chain="devnet", intel_level=1, status=SessionStatus.ENDED
    )
    newest = World(account=mine.account, session=over, block=50).buy(WBTC, 10**6, 10**3)
    part = page_of(browser_of(user_named("alice")), part="trades")
    assert part.index(f'"/trades/{newest.pk}/"') < part.index(f'"/sessions/{mine.running.pk}/"')
    assert f'"/sessions/{over.pk}/"' in part
    assert f'"/sessions/{foreign.running.pk}/"' not in part


def test_the_equity_of_the_last_day_is_drawn() -> None:
    owned = furnish(user_named("alice"))
    add_points(owned, 100, 90, 120)
    part = page_of(browser_of(user_named("alice")), part="curve")
    assert "&quot;120&quot;" in part
    assert ">+20.0000 <" in part
    assert ">10.00%<" in part


def test_a_curve_of_another_day_is_not() -> None:
    owned = furnish(user_named("alice"))
    add_points(owned, 100, 90, 120, age=timedelta(days=2))
    assert "No curve of the last 24 hours" in page_of(browser_of(user_named("alice")), part="curve")


def test_nobody_elses_curve_is_drawn() -> None:
    add_points(furnish(user_named("mallory")), 100, 120)
    furnish(user_named("alice"))
    assert "No curve of the last 24 hours" in page_of(browser_of(user_named("alice")), part="curve")


def add_points(owned: Owned, *dollars: int, age: timedelta = timedelta(hours=1)) -> None:
    for block, amount in enumerate(dollars):
        at = timezone.now() - age + timedelta(minutes=block)
        EquityPoint.objects.create(session=owned.running, block_number=block, block_time=at, equity=amount * 10**6)


def test_it_listens_to_the_market_of_every_chain_that_a_session_runs_on() -> None:
    session_of("alice", status="running")
    session_of("alice", "second", status="running", chain="ethereum")
    page = page_of(browser_of(user_named("alice")))
    assert "market:devnet" in page
    assert "market:ethereum" in page


def test_without_anything_each_part_says_what_comes() -> None:
    page = page_of(browser_of(user_named("alice")))
    for told in (
        "Nothing, and no session runs.",
        "No session runs.",
        "No trade yet",
        "No curve",
        "None has ended yet.",
    ):
        assert told in page


def test_it_asks_the_database_as_often_for_many_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        session_of("alice", f"account {number}", status="running", failures=1, owner="nobody")
        session_of("alice", f"halted {number}", status=SessionStatus.HALTED)
    client = browser_of(user_named("alice"))
    page_of(client)
    with django_assert_max_num_queries(29):
        page_of(client)


def over_of(count: int) -> list[BotSession]:
    """So many sessions of alice that have ended, the newest last."""
    return [session_of("alice", f"account {number}", status=SessionStatus.ENDED) for number in range(count)]


def shown_in(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r"/sessions/(\d+)/", page)]


def test_older_ones_that_have_ended_are_a_page_away() -> None:
    pks = [session.pk for session in over_of(12)]
    browser = browser_of(user_named("alice"))
    newest = page_of(browser, part="ended")
    assert shown_in(newest) == pks[:1:-1]
    assert f'data-list="ended" data-before="{pks[2]}"' in newest
    older = page_of(browser, part="ended", ended_before=str(pks[2]))
    assert shown_in(older) == [pks[1], pks[0]]
    assert "Older" not in older


def test_archived_ones_are_shown_where_they_are_asked_for() -> None:
    [over] = over_of(1)
    BotSession.objects.filter(pk=over.pk).update(archived_at=timezone.now())
    browser = browser_of(user_named("alice"))
    assert shown_in(page_of(browser, part="ended")) == []
    assert shown_in(page_of(browser, part="ended", archived="1")) == [over.pk]
