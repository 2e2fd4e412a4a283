"""The page of settings: only what there is, and no secret."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from dashboard.preferences.environment import shown_database
from dashboard.preferences.slider import UNITS
from paper_trading.intelligence.intel_slider import LEVELS, RANGES
from paper_trading.intelligence.signals import SIGNALS
from paper_trading.services.start_request import DEFAULT_LEVEL
from tests.api.world import furnish
from tests.support.api_client import user_named
from trading.models import Market

pytestmark = pytest.mark.django_db
SECRET = "canary0of0a0secret"


def page(browser: Client) -> str:
    answer = browser.get("/settings/")
    assert answer.status_code == 200
    return answer.content.decode()


def row_of(shown: str, name: str) -> list[str]:
    """The cells behind the head of a row, as text."""
    row = next(part for part in shown.split("<tr>") if re.search(rf'<th scope="row">{name}\b', part))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def test_who_is_not_logged_in_goes_to_the_login(client: Client) -> None:
    assert client.get("/settings/")["Location"] == "/login/?next=/settings/"


@pytest.mark.parametrize("name", list(RANGES))
def test_the_levels_stand_side_by_side(browser: Client, name: str) -> None:
    cells = row_of(page(browser), name.replace("_", " "))
    assert cells[:-1] == [str(getattr(level, name)) for level in LEVELS.values()]
    assert cells[-1] == "{:,} to {:,}".format(*RANGES[name])


@pytest.mark.parametrize("name", list(SIGNALS))
def test_the_signals_that_a_level_reads_are_marked(browser: Client, name: str) -> None:
    cells = row_of(page(browser), f"reads {name.replace('_', ' ')}")
    assert [cell == "✓" for cell in cells[:-1]] == [name in level.signals for level in LEVELS.values()]


def test_every_setting_has_a_unit() -> None:
    assert set(UNITS) == set(RANGES)


def test_the_level_of_new_sessions_stands_out(browser: Client) -> None:
    shown = page(browser)
    assert f"<strong>level {DEFAULT_LEVEL}</strong>" in shown
    heads = re.findall(r'<th scope="col" class="right usual">(\d+)<', shown)
    assert heads == [str(DEFAULT_LEVEL)]


def test_of_a_node_only_the_host_is_shown(browser: Client, settings: Settings) -> None:
    settings.RPC_URLS = [f"https://user:{SECRET}@node.example:8545/v3/{SECRET}?key={SECRET}", f"http://[{SECRET}"]
    shown = page(browser)
    assert "<code>node.example:8545</code>" in shown
    assert "an address that cannot be read" in shown
    assert SECRET not in shown


def test_without_a_node_it_says_what_is_traded_on(browser: Client, settings: Settings) -> None:
    settings.RPC_URLS = []
    assert "No node is set, so sessions trade on <strong>devnet</strong>" in page(browser)


def test_a_chain_that_is_followed_says_its_newest_block(browser: Client) -> None:
    furnish(user_named("alice"))
    Market.objects.update(head_number=1234)
    shown = page(browser)
    assert shown.count(">followed<") == 1
    assert "block 1,234" in shown


def test_a_chain_that_nobody_follows_any_more_says_when_it_was_seen(browser: Client) -> None:
    furnish(user_named("alice"))
    Market.objects.update(observed_at=timezone.now() - timedelta(hours=1))
    shown = page(browser)
    assert ">followed<" not in shown
    assert "block 9" in shown


def test_where_data_is_kept_and_which_variable_says_so(browser: Client, settings: Settings) -> None:
    settings.VAR_DIR = Path("/srv/bot")
    shown = page(browser)
    assert row_of(shown, "Everything that the program writes") == ["/srv/bot", "DEXPROJECT_VAR"]
    assert row_of(shown, "Logs") == ["/srv/bot/log", "DEXPROJECT_VAR"]
    assert row_of(shown, "Books, decisions, logins")[0].startswith("SQLite")


def test_of_databases_no_password_is_shown() -> None:
    place = {"ENGINE": "django.db.backends.postgresql", "NAME": "books", "HOST": "db"}
    assert shown_database(place | {"USER": SECRET, "PASSWORD": SECRET}) == "PostgreSQL, books on db"


def test_of_redis_no_password_is_shown(browser: Client, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://:{SECRET}@cache:6379/0"
    shown = page(browser)
    assert row_of(shown, "Queues, feed and cache")[0] == "Redis on cache"
    assert SECRET not in shown


def test_the_signs_of_life_of_chains_are_not_on_it(browser: Client) -> None:
    assert "data-patience" not in page(browser)


def test_a_limit_that_is_none_says_so(browser: Client, settings: Settings) -> None:
    settings.API_REQUESTS_PER_CLIENT = None
    settings.API_REQUESTS_PER_TOKEN = 3_000
    shown = page(browser)
    assert row_of(shown, "API requests a minute of one client") == ["no limit", "API_REQUESTS_PER_CLIENT"]
    assert row_of(shown, "API requests a minute with one token")[0] == "3,000"


@pytest.mark.parametrize(
    ("redis", "told"),
    [("", "Nothing is put aside or deleted here by itself"), ("redis://cache", "every night at 03:00")],
)
def test_it_says_whether_anything_is_cleaned_up(browser: Client, settings: Settings, redis: str, told: str) -> None:
    settings.REDIS_URL = redis
    assert told in page(browser)


def test_what_is_set_in_this_browser_waits_for_its_script(browser: Client) -> None:
    shown = page(browser)
    assert re.search(r'<form id="appearance"[^>]* inert>', shown)
    assert re.findall(r'name="(theme|times)" value="(\w+)"', shown) == [
        *[("theme", value) for value in ("auto", "light", "dark")],
        *[("times", value) for value in ("local", "utc")],
    ]


def test_it_asks_the_database_little(browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    furnish(user_named("alice"))
    with django_assert_max_num_queries(4):
        page(browser)


def test_secrets_of_the_settings_are_nowhere(browser: Client, settings: Any) -> None:
    assert settings.SECRET_KEY not in page(browser)
