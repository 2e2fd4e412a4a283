import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from dexproject.docs import document


class Loaded(HTMLParser):
    """The addresses that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("src", "href") and value is not None]


def test_the_docs_load_nothing_from_another_host(client: Client) -> None:
    page = client.get("/api/docs/")
    loaded = Loaded()
    loaded.feed(page.content.decode())
    assert len(loaded.found) >= 4
    assert all(re.match(r"/(?!/)", address) for address in loaded.found)
    assert {client.get(address).status_code for address in loaded.found} == {200}
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.content.decode()


def test_the_schema_is_valid_and_nothing_in_it_is_guessed() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file="/dev/null")


TOKEN, LOGIN = {"ApiToken": []}, {"Login": []}
NOBODY_YET = {"auth_challenge", "auth_verify"}
IN_PERSON = {
    *("auth_logout", "auth_sessions_list", "auth_sessions_revoke", "auth_sessions_revoke_others"),
    *("auth_step_up", "auth_step_up_verify", "api_tokens_list", "api_tokens_create", "api_tokens_revoke"),
    *("wallets_watch", "wallets_relabel", "wallets_remove"),
}
"""What no token may do."""


def operations() -> list[dict[str, Any]]:
    return [one for path in document()["paths"].values() for one in path.values()]


def test_every_operation_has_a_name_a_summary_and_errors() -> None:
    found = operations()
    assert len({one["operationId"] for one in found}) == len(found) > 40
    for one in found:
        assert one["summary"], one["operationId"]
        assert {"400", "403", "429", "default"} <= set(one["responses"])
        assert ("401" in one["responses"]) == (one["operationId"] not in NOBODY_YET)
        assert any(status.startswith("2") for status in one["responses"]), one["operationId"]


def test_every_operation_says_what_it_takes() -> None:
    said = {one["operationId"]: one["security"] for one in operations()}
    assert {name for name, security in said.items() if security == [{}]} == NOBODY_YET
    assert {name for name, security in said.items() if security == [LOGIN]} == IN_PERSON
    assert all(said[name] == [TOKEN, LOGIN] for name in said if name not in IN_PERSON | NOBODY_YET)


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_they_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code in (405, 403)
