"""What every page has in common."""

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.world import browser_of, login_of
from tests.support.api_client import user_named

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    "/login/",
    "/account/",
    "/sessions/new/",
    "/system/",
    "/portfolio/",
    "/performance/",
    "/settings/",
    "/no/such/page/",
]


class Elements(HTMLParser):
    """Everything in a page that the policy would not let a browser run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.addresses: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        leads_out = tag == "a" and "noopener" in (given.get("rel") or "")  # nothing is loaded from there
        self.addresses += [
            value for name, value in attrs if name in ("src", "href", "action") and value and not leads_out
        ]
        self._open = tag if tag in ("script", "style") else ""

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self.inline.append(f"{self._open}: {data[:40]}")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


def elements(content: bytes) -> Elements:
    found = Elements()
    found.feed(content.decode())
    return found


def test_strangers_are_sent_to_the_login_and_back_afterwards(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/login/"
    assert client.get("/account/").headers["Location"] == "/login/?next=/account/"
    assert client.get("/account/?a=1&b=2").headers["Location"] == "/login/?next=/account/%3Fa%3D1%26b%3D2"


def test_who_is_logged_in_sees_his_sessions_first() -> None:
    assert "<h1>Sessions</h1>" in browser_of(user_named("alice")).get("/").content.decode()


def test_a_part_of_a_page_leads_to_the_login_and_back_to_its_page(client: Client) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/account/?a=1"}
    answer = client.get("/account/?part=x", headers=asked)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login/?next=/account/%3Fa%3D1")


def test_a_part_leads_back_to_no_other_site(client: Client) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "https://evil.example//evil.example/"}
    assert client.get("/account/", headers=asked).headers["HX-Redirect"] == "/login/?next=/"


@pytest.mark.parametrize("path", ["/", "/login/", "/account/"])
def test_pages_are_only_read(path: str) -> None:
    assert browser_of(user_named("alice")).post(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_nothing_inline_and_loads_nothing_from_elsewhere(path: str) -> None:
    found = elements(browser_of(user_named("alice")).get(path).content)
    assert found.inline == []
    assert len(found.addresses) >= 4
    assert all(address.startswith(("/", "#")) and not address.startswith("//") for address in found.addresses)


def test_what_a_page_loads_is_there() -> None:
    client = browser_of(user_named("alice"))
    files = {
        one for path in PAGES for one in elements(client.get(path).content).addresses if one.startswith("/static/")
    }
    assert len(files) >= 8
    assert {client.get(one).status_code for one in files} == {200}


@pytest.mark.parametrize("path", ["/login/", "/account/"])
def test_a_page_brings_the_cookie_whose_value_its_scripts_send_back(path: str) -> None:
    answer = browser_of(user_named("alice")).get(path)
    assert answer.cookies["dex_csrf"]["samesite"] == "Strict"
    assert 'data-csrf-cookie="dex_csrf"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/login/", "/account/"])
def test_a_page_says_that_trades_are_made_on_paper(path: str) -> None:
    assert ">PAPER<" in browser_of(user_named("alice")).get(path).content.decode()


def test_a_login_that_was_ended_opens_no_page_and_the_next_one_says_so(client: Client) -> None:
    login = login_of(user_named("alice"), client)
    assert client.get("/account/").status_code == 200
    login.revoked_at = timezone.now()
    login.save()
    assert "Your login has ended" in client.get("/account/", follow=True).content.decode()


def test_the_login_is_open_to_those_who_are_in_already() -> None:
    page = browser_of(user_named("alice")).get("/login/").content.decode()
    assert "You are logged in as" in page


def test_the_login_page_hands_on_a_path_of_ours_alone(client: Client) -> None:
    assert 'data-next="/account/?a=1"' in client.get("/login/?next=/account/%3Fa%3D1").content.decode()
    assert 'data-next="/"' in client.get("/login/?next=https://evil.example/").content.decode()


def test_a_page_that_is_not_there_is_a_page_for_people(client: Client) -> None:
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.content.decode()
