"""No page and no address fails over what is typed behind it; the API's own parameters are in the schema's fuzz."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import QueryDict
from pytest_django import Settings

from tests.api.walk import DETAILS, PAGES, Route
from tests.api.world import furnish
from tests.support.api_client import user_named
from tests.support.browser import logged_in

pytestmark = pytest.mark.django_db

NUMBERS = [0, 2**63, 10**30, 10**4_299]
NONSENSE = [
    *("", "-1", "9223372036854775808", "1e999", "nan", "٣", "a.b,c", "\x00", "%"),
    *("2025-02-30", "0001-01-01T00:00:00-23:59", '{"a":1e999}', "[" * 2_000),
]


@pytest.fixture(autouse=True)
def as_often_as_it_takes(settings: Settings) -> None:
    settings.LOGIN_REQUESTS_PER_CLIENT = settings.LOGIN_REQUESTS_PER_ADDRESS = None
    settings.API_REQUESTS_PER_CLIENT = settings.API_REQUESTS_PER_TOKEN = None


@contextmanager
def asked_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The parameters that are looked for meanwhile."""
    names: set[str] = set()
    with monkeypatch.context() as patched:
        for look in ("get", "getlist", "__getitem__", "__contains__"):
            usual = getattr(QueryDict, look)

            def noted(query: QueryDict, name: str, *more: Any, usual: Any = usual) -> Any:
                names.add(name)
                return usual(query, name, *more)

            patched.setattr(QueryDict, look, noted)
        yield names


@pytest.mark.parametrize("route", [*DETAILS, *(one for one in PAGES if "<" in one.path)], ids=str)
def test_what_has_no_such_number_is_not_there(route: Route) -> None:
    by_login = logged_in(user_named("alice"))
    for method in route.methods:
        answers = [route.ask(by_login, method, number).status_code for number in NUMBERS]
        assert answers == [404] * len(NUMBERS), method


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_no_page_fails_over_what_it_is_asked_for(route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = user_named("alice")
    furnish(alice)
    by_login = logged_in(alice)
    address = route.at(route.kind.ids(alice)[0] if "<" in route.path else 0)
    tried: set[str] = set()
    with asked_names(monkeypatch) as names:
        by_login.get(address)
        while new := names - tried:
            tried |= new
            for name in new:
                for value in NONSENSE:
                    answer = by_login.get(address, {name: value})
                    assert answer.status_code in (200, 302, 400, 404), (name, value)


def test_what_a_page_looks_for_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    by_login = logged_in(user_named("alice"))
    with asked_names(monkeypatch) as names:
        by_login.get("/performance/")
    assert {"part", "account"} <= names
