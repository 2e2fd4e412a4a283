from typing import Any

import pytest
from django.core.cache import cache

from api import throttles
from api.throttles import under_limit, window_left
from tests.support.api_client import client_for, error_of, user_named


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    cache.clear()


def test_so_many_and_not_one_more() -> None:
    assert [under_limit("a", 3) for _ in range(4)] == [True, True, True, False]
    assert under_limit("b", 3)


def test_no_limit_counts_nothing() -> None:
    assert all(under_limit("a", None) for _ in range(100))
    assert under_limit("a", 1)


def test_a_new_minute_begins_at_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.time, "time", lambda: 1_000_000.0)
    assert [under_limit("a", 1) for _ in range(2)] == [True, False]
    wait = window_left()
    monkeypatch.setattr(throttles.time, "time", lambda: 1_000_000.0 + wait)
    assert under_limit("a", 1)


@pytest.fixture
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> Any:
        raise ValueError

    monkeypatch.setattr(throttles.cache, "incr", away, raising=False)
    monkeypatch.setattr(throttles.cache, "add", lambda *_, **__: False, raising=False)


@pytest.mark.usefixtures("no_cache")
def test_a_cache_that_is_away_stops_nobody() -> None:
    assert all(under_limit("a", 1) for _ in range(3))


@pytest.mark.usefixtures("no_cache")
def test_what_must_be_counted_is_counted_here_while_the_cache_is_away() -> None:
    assert [under_limit("login of a", 2, counts_alone=True) for _ in range(3)] == [True, True, False]
    assert under_limit("login of b", 2, counts_alone=True)


@pytest.mark.django_db
def test_each_token_has_its_own_count(settings: Any) -> None:
    settings.API_REQUESTS_PER_TOKEN = 1
    first, second = (client_for(user_named(name)) for name in ("alice", "bob"))
    assert first.get("/api/token/").status_code == 200
    refused = first.get("/api/token/")
    assert refused.status_code == 429
    assert error_of(refused)["code"] == "throttled"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert second.get("/api/token/").status_code == 200


@pytest.mark.django_db
def test_a_client_is_counted_before_its_token_is_looked_at(settings: Any, client: Any) -> None:
    settings.API_REQUESTS_PER_CLIENT = 1
    assert client.get("/api/token/").status_code == 401
    assert client.get("/api/token/").status_code == 429


@pytest.mark.django_db
def test_nobody_is_believed_who_says_that_he_is_another(settings: Any, client: Any) -> None:
    settings.API_REQUESTS_PER_CLIENT = 1
    statuses = [client.get("/api/token/", headers={"x-forwarded-for": f"10.0.0.{i}"}).status_code for i in range(2)]
    assert statuses == [401, 429]
