from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.dashboard.world import ADDRESSES, LONG_AGO, browser_of, login_of
from tests.support.api_client import user_named
from wallet.models import ApiToken, Wallet
from wallet.services.api_tokens import create_token, revoke_token
from wallet.services.wallets import add_watched

pytestmark = pytest.mark.django_db
HOSTILE = "</li><script>alert(1)</script>\"'"
ESCAPED = "&lt;/li&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;"
WATCHED = "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"


def page_for(client: Client) -> str:
    answer = client.get("/account/")
    assert answer.status_code == 200
    return answer.content.decode()


def furnish(user: User) -> None:
    add_watched(user=user, address=WATCHED, label=f"whale of {user.username}")
    create_token(user=user, name=f"script of {user.username}", scopes=["read"])


def test_it_shows_what_the_user_has() -> None:
    furnish(user_named("alice"))
    page = page_for(browser_of(user_named("alice")))
    for told in (ADDRESSES["alice"], WATCHED, "whale of alice", "script of alice", "Firefox on Linux", "192.0.2.7"):
        assert told in page


def test_it_shows_nothing_of_anybody_else() -> None:
    furnish(user_named("alice"))
    browser_of(user_named("alice"))
    page = page_for(browser_of(user_named("mallory")))
    for told in ("alice", ADDRESSES["alice"], WATCHED):
        assert told not in page


def test_what_people_and_programs_say_of_themselves_stays_text(client: Client) -> None:
    user = user_named("alice")
    login_of(user, client, agent=f"Firefox/1 {HOSTILE}")
    Wallet.objects.create(user=user, address=WATCHED, label=HOSTILE)
    create_token(user=user, name=HOSTILE, scopes=["read"])
    page = page_for(client)
    assert HOSTILE not in page
    assert page.count(ESCAPED) >= 6


def test_the_browser_that_asks_is_marked_and_cannot_end_itself() -> None:
    user = user_named("alice")
    browser_of(user)
    page = page_for(browser_of(user))
    assert page.count(">this browser<") == 1
    assert page.count('data-do="revoke"') == 1
    assert "End all others" in page


def test_a_single_browser_has_no_others_to_end() -> None:
    page = page_for(browser_of(user_named("alice")))
    assert "End all others" not in page
    assert "No other browser is logged in." in page


def test_tokens_that_are_over_are_told_apart_and_cannot_be_revoked_again() -> None:
    user = user_named("alice")
    create_token(user=user, name="lives", scopes=["read"])
    revoke_token(user=user, token_id=create_token(user=user, name="revoked", scopes=["read"]).token.pk)
    old = create_token(user=user, name="old", scopes=["read"], days=1).token
    ApiToken.objects.filter(pk=old.pk).update(expires_at=timezone.now() - LONG_AGO)
    page = page_for(browser_of(user))
    assert "Ended tokens (2)" in page
    assert page.count("data-token=") == 1


def test_the_wallet_of_this_login_cannot_be_shut_out_but_another_can() -> None:
    user = user_named("alice")
    client = browser_of(user)
    assert "Shut out" not in page_for(client)
    Wallet.objects.create(user=user, address=WATCHED, can_login=True)
    assert page_for(client).count("data-logs-in") == 1


def test_empty_lists_say_what_they_are_for() -> None:
    page = page_for(browser_of(user_named("alice")))
    assert "No address is watched." in page
    assert "No token works now." in page


def test_it_asks_the_database_as_often_for_many_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = user_named("alice")
    for number in range(30):
        Wallet.objects.create(user=user, address=f"0x{number:040x}")
        create_token(user=user, name=str(number), scopes=["read"])
        browser_of(user)
    client = browser_of(user)
    with django_assert_max_num_queries(8):
        page_for(client)


def test_times_say_their_exact_utc() -> None:
    user = user_named("alice")
    token = create_token(user=user, name="script", scopes=["read"]).token
    at = timezone.now().replace(microsecond=0) - timedelta(days=3)
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    page = page_for(browser_of(user))
    assert f'<time datetime="{at:%Y-%m-%dT%H:%M:%S}Z" title="{at:%Y-%m-%d %H:%M:%S} UTC">' in page
