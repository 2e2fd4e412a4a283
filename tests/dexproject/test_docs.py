import re
from html.parser import HTMLParser

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


def test_every_operation_has_a_name_a_summary_errors_and_a_token() -> None:
    operations = [one for path in document()["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) > 40
    for one in operations:
        assert one["summary"], one["operationId"]
        assert one["security"] == [{"ApiToken": []}]
        assert {"400", "401", "403", "429", "default"} <= set(one["responses"])
        assert any(status.startswith("2") for status in one["responses"]), one["operationId"]


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_they_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code in (405, 403)
