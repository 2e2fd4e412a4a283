"""However much there is, every answer takes the same few queries: each GET of the schema, of little and of much."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dexproject.docs import document
from paper_trading.models import PaperTrade
from paper_trading.selectors.kept_results import by_day, by_exit, by_token
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.api.crowd import Crowd, crowd
from tests.support.browser import logged_in

FEW, MANY, MOST_QUERIES = 3, 30, 9
TOKEN: dict[str, list[str]] = {"ApiToken": []}
PAGE = 25
GETS: Mapping[str, Any] = {path: of["get"] for path, of in document()["paths"].items() if "get" in of}
API = "/paper-trading/api/"
STANDS_STILL = {
    *("/api/auth/me/", "/api/wallets/{id}/balances/"),
    *("/api/token/", f"{API}chains/", f"{API}config/", f"{API}config/levels/", f"{API}quote/", f"{API}performance/"),
    *(f"{API}{kind}/{{id}}/" for kind in ("accounts", "commands", "decisions", "sessions", "trades")),
    f"{API}trades/{{id}}/receipts/",
}
"""What holds no list, or one that is as long for everybody."""

QUOTE = f"{API}quote/"
WAIT_FOR_A_NODE = {QUOTE, "/api/wallets/{id}/balances/"}
"""There is none: they read what they ask the node about, and say so."""


@pytest.fixture
def much(alice: User, settings: Any, tmp_path: Path) -> Crowd:
    settings.VAR_DIR = tmp_path
    return crowd(alice)


def filled(path: str, much: Crowd) -> str:
    """``path`` with an object in its place and a value for each parameter that it must have."""
    values = {"token": "WETH", "token_in": "WETH", "token_out": "USDC", "session": str(much.one_of("sessions"))}
    named = re.sub(r"/(\w+)/\{id\}/", lambda found: f"/{found[1]}/{much.one_of(found[1])}/", path)
    assert "{" not in named, f"{path}: say here what its parameters are"
    needed = [one["name"] for one in GETS[path].get("parameters", ()) if one["in"] == "query" and one.get("required")]
    query = [f"{name}={values[name]}" for name in needed] + (["amount=1"] if path == QUOTE else [])
    return named + ("?" + "&".join(query) if query else "")


def counted(api: Asker, in_person: Client, path: str, much: Crowd) -> tuple[int, int, int]:
    """Queries of the first answer and of the next, and the rows of the longest list in it."""
    asked, counts = filled(path, much), []
    for _ in range(2):
        client = api.client if TOKEN in GETS[path]["security"] else in_person
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(asked)
        assert answer.status_code == (503 if path in WAIT_FOR_A_NODE else 200), (asked, answer.content)
        counts.append(len(queries))
    lists = [value for value in answer.json().values() if isinstance(value, list)]
    return counts[0], counts[1], max(map(len, lists), default=0)


def forget_results() -> None:
    """What was added up once is only brought up to date the next time, which are other queries."""
    for kept in (by_token, by_exit, by_day):
        kept.cache_clear()


def test_there_is_something_to_ask() -> None:
    assert len(GETS) > 25


def test_much_takes_as_many_queries_as_little(api: Asker, alice: User, much: Crowd) -> None:
    much.grow(FEW)
    in_person = logged_in(alice)
    api.get("config/")  # the first request of a minute writes down that the token was used
    little = {path: counted(api, in_person, path, much) for path in GETS}
    much.grow(MANY)
    forget_results()
    large = {path: counted(api, in_person, path, much) for path in GETS}
    assert {path: few[:2] for path, few in little.items()} == {path: many[:2] for path, many in large.items()}
    assert max(first for first, *_ in large.values()) <= MOST_QUERIES
    assert {path for path in GETS if large[path][2] <= little[path][2] < PAGE} == STANDS_STILL


def test_an_export_asks_in_batches(api: Asker, much: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    much.grow(12)
    monkeypatch.setattr("api.lists.CSV_BATCH", 10)
    api.get("config/")
    with CaptureQueriesContext(connection) as asked:
        rows = api.csv("trades/?format=csv")
    assert len(rows) == PaperTrade.objects.count()
    assert len(asked) <= 2 + 2 * (len(rows) // 10 + 1)
