"""Which page may send what changes something: ours, to the letter."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from api.origins import is_our_origin, origin_of

OURS = ["https://bot.example.org", "https://other.example.org:8443/", "http://127.0.0.1:8000", "http://[::1]:8000"]


@pytest.fixture(autouse=True)
def public_urls(settings: Settings) -> None:
    settings.PUBLIC_URLS = OURS


@pytest.mark.parametrize(
    "origin",
    ["https://bot.example.org", "https://other.example.org:8443", "http://127.0.0.1:8000", "http://[::1]:8000"],
)
def test_our_pages_are_ours(origin: str) -> None:
    assert is_our_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        *(None, "", "null", "https://", "*", "https://*", "about:blank", "file://"),
        *(
            "http://bot.example.org",
            "https://bot.example.org:8443",
            "https://other.example.org",
            "wss://bot.example.org",
        ),
        *("https://bot.example.org.evil.example", "https://evil-bot.example.org", "https://a.bot.example.org"),
        *(
            "https://example.org",
            "https://evil.example/https://bot.example.org",
            "https://bot.example.org@evil.example",
        ),
        *("https://evil.example#https://bot.example.org", "https://bot.example.org/", "https://bot.example.org/x"),
        *("https://BOT.example.org", "HTTPS://bot.example.org", " https://bot.example.org", "https://bot.example.org "),
        *("https://bot.example.org.", "https://bot.example.org:443", "https://bot.example.org,https://evil.example"),
        *("http://127.0.0.1", "http://127.0.0.1:80", "http://localhost:8000", "http://0x7f000001:8000"),
    ],
)
def test_nobody_elses_page_is_ours(origin: str | None) -> None:
    assert not is_our_origin(origin)


def test_the_default_port_of_a_public_url_needs_no_name(settings: Settings) -> None:
    settings.PUBLIC_URLS = ["https://Bot.Example.org:443/"]
    assert is_our_origin("https://bot.example.org")


def test_without_a_public_url_no_page_is_ours(settings: Settings) -> None:
    settings.PUBLIC_URLS = ["", "not a url", "http://[", "https://a:b"]
    assert not any(is_our_origin(origin) for origin in (None, "", "null", "https://a", "http://["))


def test_the_origin_header_comes_first() -> None:
    asked = RequestFactory().post("/", headers={"origin": "https://a.example", "referer": "https://b.example/x"})
    assert origin_of(asked) == "https://a.example"


def test_an_origin_that_hides_itself_is_not_looked_for_in_the_referer() -> None:
    asked = RequestFactory().post("/", headers={"origin": "null", "referer": "https://bot.example.org/x"})
    assert origin_of(asked) == "null"


@pytest.mark.parametrize(
    ("referer", "origin"),
    [
        ("https://bot.example.org/account/?x=https://evil.example", "https://bot.example.org"),
        ("https://bot.example.org:443/", "https://bot.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/login/", "http://[::1]:8000"),
        ("https://bot.example.org@evil.example/", None),
        ("https://bot.example.org:x/", None),
        ("ftp://bot.example.org/", None),
        ("http://[", None),
        ("/account/", None),
        ("", None),
    ],
)
def test_without_one_the_referer_says_it(referer: str, origin: str | None) -> None:
    assert origin_of(RequestFactory().post("/", headers={"referer": referer})) == origin


def test_a_request_that_says_nothing_has_no_origin() -> None:
    assert origin_of(RequestFactory().post("/")) is None
