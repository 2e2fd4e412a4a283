"""Walks all that the resolver knows, as everyone who may come by: a new route is covered, whoever remembers it."""

import json
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.lists import ListApi
from api.permissions import ReadScope, TradeScope
from api.views import ApiView
from tests.api.walk import (
    DETAILS,
    ENTRANCES,
    GUARDED,
    LISTS,
    OPEN,
    OPEN_PAGES,
    OWNED,
    PAGES,
    READ_PLAIN,
    ROUTES,
    Route,
)
from tests.api.world import furnish
from tests.support.api_client import client_for, error_of, user_named
from tests.support.browser import browser, logged_in, same_cookies
from wallet.permissions import LoginRequired, LoginToChange

pytestmark = pytest.mark.django_db

PERMISSIONS = {ReadScope, TradeScope, LoginRequired, LoginToChange}
SHARED = {"api/health/"} | {f"paper-trading/api/{name}/" for name in ("chains", "tokens", "pools", "prices", "candles")}
"""What is everybody's: the market, and the state of the program."""
IN_PERSON = ("api/auth/logout/", "api/auth/sessions/", "api/auth/step-up/", "api/tokens/", "api/wallets/")
NOT_THERE = 2**40


@pytest.fixture(autouse=True)
def as_often_as_it_takes(settings: Settings) -> None:
    settings.LOGIN_REQUESTS_PER_CLIENT = settings.LOGIN_REQUESTS_PER_ADDRESS = None
    settings.API_REQUESTS_PER_CLIENT = settings.API_REQUESTS_PER_TOKEN = None


def what_is_wrong_with(route: Route) -> str:
    """The rules for a view, whatever it does; empty where it keeps to them."""
    if route.path in OPEN | ENTRANCES | OPEN_PAGES:
        return ""
    if not route.is_api:
        answer = browser().get(route.at(1))
        is_sent = answer.status_code == 302 and answer.headers["Location"].startswith("/login/?next=")
        return "" if is_sent else "anyone can see it"
    if route.cls is None or not issubclass(route.cls, ApiView):
        return "it is no ApiView"
    if not any("permission_classes" in vars(base) for base in route.cls.__mro__[: route.cls.__mro__.index(APIView)]):
        return "it does not say what it needs"
    if route.needs not in PERMISSIONS:
        return "it needs something else than one of ours"
    for method in route.methods:
        answer = route.ask(browser(), method)
        if (answer.status_code, error_of(answer)["code"]) != (401, "not_authenticated"):
            return f"{method} lets strangers in"
    return ""


def refusal(route: Route, method: str) -> tuple[int, str]:
    """What an outsider's token is told about the object of somebody else."""
    login = route.needs is LoginRequired or (route.needs is LoginToChange and method != "get")
    return (403, "login_required") if login else (404, "not_found")


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, error_of(answer)["code"]


def results(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.content
    found: list[Any] = answer.json()["results"]
    return found


def test_there_is_something_to_walk() -> None:
    assert len(GUARDED) > 55
    paths = {route.path for route in ROUTES}
    assert paths >= OPEN | ENTRANCES | OPEN_PAGES
    assert all(any(path.startswith(prefix) for path in paths) for prefix in OWNED)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_nobody_gets_in_and_every_view_says_what_it_needs(route: Route) -> None:
    assert what_is_wrong_with(route) == ""


class Forgetful(ApiView):
    def get(self, request: Request) -> Response:
        return Response({})


class Careless(ApiView):
    permission_classes = []

    def get(self, request: Request) -> Response:
        return Response({})


class Foreign(APIView):
    permission_classes = [ReadScope]


def naked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("all my secrets")


@pytest.mark.parametrize("view", [Forgetful.as_view(), Careless.as_view(), Foreign.as_view(), naked])
def test_a_view_that_forgets_its_permission_is_found(view: Any) -> None:
    assert what_is_wrong_with(Route("api/planted/", view)) != ""


@pytest.mark.parametrize("path", sorted(OPEN))
def test_what_is_open_needs_nothing(path: str, client: Client) -> None:
    assert client.get(f"/{path}").status_code == 200


@pytest.mark.parametrize("path", sorted(ENTRANCES))
def test_the_entrances_are_for_our_own_pages(path: str) -> None:
    for stranger, code in (
        (browser(origin="https://evil.example"), "wrong_origin"),
        (browser(csrf=None), "csrf_failed"),
    ):
        answer = stranger.post(f"/{path}", data={}, content_type="application/json")
        assert told(answer) == (403, code)


@pytest.mark.parametrize("route", DETAILS, ids=str)
def test_the_objects_of_another_user_are_not_there(route: Route) -> None:
    alice, mallory = user_named("alice"), user_named("mallory")
    furnish(alice)
    logged_in(alice)
    client_for(alice)
    pk = route.kind.ids(alice)[0]
    by_login, by_token = logged_in(mallory), client_for(mallory)
    for method in route.methods:
        for where in (pk, NOT_THERE):
            assert told(route.ask(by_login, method, where)) == (404, "not_found"), (method, where)
            assert told(route.ask(by_token, method, where)) == refusal(route, method), (method, where)
    assert pk in route.kind.ids(alice)


@pytest.mark.parametrize("route", DETAILS, ids=str)
def test_their_owner_finds_them(route: Route) -> None:
    alice = user_named("alice")
    furnish(alice)
    by_login, by_token = logged_in(alice), client_for(alice)
    for method in route.methods:
        pk = route.kind.ids(alice)[0]
        if refusal(route, method)[0] == 404:
            assert route.ask(by_token, method, pk).status_code not in (401, 403, 404), method
        # A login that ends itself is asked for last.
        assert route.ask(by_login, method, pk).status_code not in (401, 403, 404), method


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_what_a_token_must_not_do_it_is_told_plainly(route: Route) -> None:
    for method in route.methods:
        if refusal(route, method)[0] == 403:
            assert told(route.ask(client_for(user_named("alice")), method)) == (403, "login_required"), method


@pytest.mark.parametrize("route", [one for one in GUARDED if one.path.startswith(IN_PERSON)], ids=str)
def test_who_may_come_in_is_changed_in_person(route: Route) -> None:
    """Whoever finds a token must not be able to make it last."""
    for method in set(route.methods) - {"get"}:
        assert told(route.ask(client_for(user_named("alice")), method)) == (403, "login_required"), method


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_a_login_is_not_refused_where_a_token_is_let_in(route: Route) -> None:
    by_login = logged_in(user_named("alice"))
    for method in set(route.methods) - {"delete"}:
        assert route.ask(by_login, method).status_code not in (401, 403), method


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_a_cookie_alone_changes_nothing(route: Route) -> None:
    """Cross-site request forgery: the browser sends the cookies, whoever's page asks."""
    alice = user_named("alice")
    furnish(alice)
    by_login = logged_in(alice)
    forged = {
        "csrf_failed": [same_cookies(by_login, csrf=None), same_cookies(by_login, csrf="z" * 32)],
        "wrong_origin": [
            same_cookies(by_login, origin=origin)
            for origin in (None, "null", "https://evil.example", "http://localhost:8000.evil.example")
        ],
    }
    for method in set(route.methods) - {"get"}:
        for code, clients in forged.items():
            for client in clients:
                assert told(route.ask(client, method)) == (403, code), method


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_lists_hold_what_is_the_users_own(route: Route) -> None:
    alice, mallory = user_named("alice"), user_named("mallory")
    furnish(alice)
    client_for(alice)
    owner, outsider = logged_in(alice), logged_in(mallory)
    hers = set(route.kind.ids(alice))
    shown = {row["id"] for row in results(owner.get(route.at(0)))}
    assert shown
    assert shown <= hers
    assert not {row["id"] for row in results(outsider.get(route.at(0)))} & hers


@pytest.mark.parametrize("route", [one for one in LISTS if getattr(one.cls, "csv_name", "")], ids=str)
def test_exports_hold_what_is_the_users_own(route: Route) -> None:
    furnish(user_named("alice"))
    for whose, rows in (("alice", range(2, 1_000)), ("mallory", range(1, 2))):
        for client in (logged_in(user_named(whose)), client_for(user_named(whose))):
            answer: Any = client.get(f"{route.at(0)}?format=csv")
            assert answer.headers["Content-Type"].startswith("text/csv")
            assert len(b"".join(answer.streaming_content).splitlines()) in rows


def test_there_are_exports() -> None:
    lists = [route.cls for route in LISTS if issubclass(route.cls, ListApi)]
    assert sum(bool(cls.csv_name) for cls in lists) > 2


@pytest.mark.parametrize("route", [one for one in READ_PLAIN if one.path not in SHARED], ids=str)
def test_what_one_user_has_does_not_show_in_what_another_sees(route: Route) -> None:
    """Sums, states and lists of all kinds: without alice's things they are the same."""
    mallory = user_named("mallory")
    furnish(user_named("bob"))
    outsider = logged_in(mallory)
    before = outsider.get(route.at(0))
    furnish(user_named("alice"))
    logged_in(user_named("alice"))
    client_for(user_named("alice"))
    after = outsider.get(route.at(0))
    assert (after.status_code, json.loads(after.content)) == (before.status_code, json.loads(before.content))


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_a_token_that_may_only_read_changes_nothing(route: Route) -> None:
    if route.needs is not TradeScope:
        return
    alice = user_named("alice")
    furnish(alice)
    reader = client_for(alice, scopes=["read"])
    pk = route.kind.ids(alice)[0] if "<" in route.path else 0
    for method in set(route.methods) - {"get"}:
        assert told(route.ask(reader, method, pk)) == (403, "scope_missing")


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_a_token_that_may_not_read_sees_nothing(route: Route) -> None:
    blind = client_for(user_named("alice"), scopes=["trade"])
    if "get" in route.methods:
        assert route.ask(blind, "get").status_code == 403


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_pages_are_only_read(route: Route) -> None:
    by_login = logged_in(user_named("alice"))
    for method in ("post", "put", "patch", "delete"):
        assert getattr(by_login, method)(route.at(1)).status_code == 405


@pytest.mark.parametrize("route", [one for one in PAGES if "<" in one.path], ids=str)
def test_pages_of_another_users_objects_are_not_there(route: Route) -> None:
    alice = user_named("alice")
    furnish(alice)
    owner, outsider = logged_in(alice), logged_in(user_named("mallory"))
    pk = route.kind.ids(alice)[0]
    assert [route.ask(client, "get", pk).status_code for client in (owner, outsider)] == [200, 404]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_answer_forbids_its_keeping(route: Route, client: Client) -> None:
    for visitor in (client, logged_in(user_named("alice"))):
        answer = visitor.get(route.at(1))
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
