"""Walks all that the resolver knows: a new route is covered without anyone remembering it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from api.permissions import ReadScope, TradeScope
from api.views import ApiView
from paper_trading.models import (
    BotSession,
    Decision,
    FillReceipt,
    PaperAccount,
    PaperTrade,
    Position,
    SessionCommand,
)
from tests.api.world import furnish
from tests.support.api_client import client_for, error_of, user_named

pytestmark = pytest.mark.django_db

PUBLIC = {"healthz/", "api/schema/", "api/docs/"}
OWNED: dict[str, type[Model]] = {
    "sessions": BotSession,
    "accounts": PaperAccount,
    "trades": PaperTrade,
    "positions": Position,
    "decisions": Decision,
    "commands": SessionCommand,
    "receipts": FillReceipt,
}
PREFIX = "paper-trading/api/"
BODIES: dict[str, dict[str, str]] = {
    "sessions/<int:pk>/": {"name": "mine"},
    "sessions/<int:pk>/buy/": {"token": "ETHER", "amount": "1"},
    "sessions/<int:pk>/sell/": {"token": "ETHER", "amount": "1"},
}
"""What passes as a body where an empty one does not."""


@dataclass(frozen=True)
class Route:
    path: str
    view: Any

    @property
    def cls(self) -> Any:
        return getattr(self.view, "cls", None)

    @property
    def methods(self) -> list[str]:
        if self.cls is None:
            return ["get"]
        return [name for name in self.cls.http_method_names if name != "head" and hasattr(self.cls, name)]

    @property
    def kind(self) -> str:
        return self.path.removeprefix(PREFIX).partition("/")[0]

    def __str__(self) -> str:
        return self.path


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[Route]:
    for part in resolver.url_patterns:
        path = prefix + str(part.pattern)
        if isinstance(part, URLPattern):
            yield Route(path, part.callback)
        else:
            yield from routes(part, path)


ROUTES = list(routes(get_resolver()))
DETAILS = [route for route in ROUTES if "<" in route.path]
LISTS = [route for route in ROUTES if route.path.startswith(PREFIX) and route.kind in OWNED and "<" not in route.path]


def ask(client: Client, method: str, path: str, body: dict[str, str] | None = None) -> Any:
    return getattr(client, method)(
        f"/{path}", data=None if method == "get" else body or {}, content_type="application/json"
    )


def filled(route: Route, pk: int) -> str:
    assert route.path.count("<") == 1, f"{route.path}: say here what its parameters are"
    return route.path.replace("<int:pk>", str(pk))


def test_there_is_something_to_walk() -> None:
    assert len(ROUTES) > 40
    assert {route.path for route in ROUTES} >= PUBLIC


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path not in PUBLIC], ids=str)
def test_nobody_gets_in_without_a_token(route: Route, client: Client) -> None:
    for method in route.methods:
        path = filled(route, 1) if "<" in route.path else route.path
        answer = ask(client, method, path)
        assert answer.status_code == 401, (method, path)
        assert error_of(answer)["code"] == "not_authenticated"


@pytest.mark.parametrize("path", sorted(PUBLIC))
def test_what_is_public_needs_no_token(path: str, client: Client) -> None:
    assert client.get(f"/{path}").status_code == 200


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path not in PUBLIC], ids=str)
def test_every_view_is_one_of_ours_and_says_what_it_needs(route: Route) -> None:
    assert issubclass(route.cls, ApiView)
    assert "permission_classes" in {
        name for base in route.cls.__mro__[: route.cls.__mro__.index(APIView)] for name in vars(base)
    }
    assert set(route.cls.permission_classes) <= {ReadScope, TradeScope}
    assert len(route.cls.permission_classes) == 1


@pytest.mark.parametrize("route", DETAILS, ids=str)
def test_the_objects_of_another_user_are_not_there(route: Route) -> None:
    furnish(user_named("alice"))
    outsider = client_for(user_named("mallory"))
    pk = OWNED[route.kind].objects.order_by("pk").values_list("pk", flat=True)[0]
    body = BODIES.get(route.path.removeprefix(PREFIX))
    for method in route.methods:
        answer = ask(outsider, method, filled(route, pk), body)
        assert answer.status_code == 404, (method, answer.content)
        nothing = ask(outsider, method, filled(route, 2**40), body)
        assert error_of(answer)["code"] == error_of(nothing)["code"] == "not_found"


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_the_lists_of_another_user_are_empty(route: Route) -> None:
    furnish(user_named("alice"))
    assert client_for(user_named("alice")).get(f"/{route.path}").json()["results"]
    assert client_for(user_named("mallory")).get(f"/{route.path}").json()["results"] == []


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_token_that_may_only_read_changes_nothing(route: Route) -> None:
    if route.cls is None or route.cls.permission_classes != [TradeScope]:
        return
    furnish(user_named("alice"))
    reader = client_for(user_named("alice"), scopes=["read"])
    pk = OWNED[route.kind].objects.order_by("pk").values_list("pk", flat=True)[0] if "<" in route.path else 0
    for method in set(route.methods) - {"get"}:
        answer = ask(reader, method, filled(route, pk) if "<" in route.path else route.path)
        assert (answer.status_code, error_of(answer)["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_answer_forbids_its_keeping(route: Route, client: Client) -> None:
    if route.path in ("api/schema/", "api/docs/"):
        return
    answer = client.get(f"/{filled(route, 1) if '<' in route.path else route.path}")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
