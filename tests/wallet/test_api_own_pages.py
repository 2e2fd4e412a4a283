"""Whatever changes something comes from a page of ours: Origin and CSRF, for strangers and for those who are in."""

from typing import Any

import pytest
from django.test import Client

from tests.support.api_client import client_for, error_of, user_named
from tests.wallet.browser import ALICE, CHALLENGE, VERIFY, Browser, address_of, logged_in
from wallet.models import LoginChallenge
from wallet.services.wallets import allow_wallet

pytestmark = pytest.mark.django_db
FOREIGN = [
    "null",
    "",
    "http://evil.example",
    "https://127.0.0.1:8000",
    "http://127.0.0.1",
    "http://127.0.0.1:8001",
    "http://127.0.0.1:8000.evil.example",
    "http://127.0.0.1:8000/",
    "http://user@127.0.0.1:8000",
    "HTTP://127.0.0.1:8000",
    "http://testserver",
]
IN_PERSON = [
    ("post", "/api/auth/logout/"),
    ("post", "/api/auth/sessions/revoke-others/"),
    ("delete", "/api/auth/sessions/1/"),
    ("post", "/api/tokens/"),
    ("delete", "/api/tokens/1/"),
    ("post", "/api/wallets/"),
    ("patch", "/api/wallets/1/"),
    ("delete", "/api/wallets/1/"),
    ("post", "/api/auth/step-up/"),
    ("post", "/api/auth/step-up/verify/"),
    ("post", "/api/auth/socket-ticket/"),
    ("post", "/paper-trading/api/bot/start/"),
]


@pytest.fixture
def stranger() -> Browser:
    allow_wallet(address=address_of(ALICE), user=user_named("alice"))
    return Browser()


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, error_of(answer)["code"]


def ask_for_challenge(browser: Browser, **headers: str | None) -> Any:
    return browser.post(CHALLENGE, {"address": browser.address, "chain_id": 1}, **headers)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_gets_no_message(stranger: Browser, origin: str) -> None:
    assert refusal(ask_for_challenge(stranger, origin=origin)) == (403, "wrong_origin")
    assert not LoginChallenge.objects.exists()


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_logs_nobody_in(stranger: Browser, origin: str) -> None:
    message = stranger.challenge()
    stranger.headers["origin"] = origin
    assert refusal(stranger.verify(message)) == (403, "wrong_origin")


def test_without_origin_the_referer_decides(stranger: Browser) -> None:
    assert refusal(ask_for_challenge(stranger, origin=None)) == (403, "wrong_origin")
    assert refusal(ask_for_challenge(stranger, origin=None, referer="http://evil.example/login/")) == (
        403,
        "wrong_origin",
    )
    answer = ask_for_challenge(stranger, origin=None, referer="http://localhost:8000/login/?next=x")
    assert answer.json()["message"].startswith("localhost:8000 wants you")


def test_origin_decides_alone_where_it_is_there(stranger: Browser) -> None:
    answer = ask_for_challenge(stranger, origin="null", referer="http://127.0.0.1:8000/login/")
    assert refusal(answer) == (403, "wrong_origin")


@pytest.mark.parametrize("token", [None, "", "d" * 32, "c" * 31, "c" * 64])
def test_a_stranger_needs_the_csrf_token(stranger: Browser, token: str | None) -> None:
    assert refusal(ask_for_challenge(stranger, x_csrftoken=token)) == (403, "csrf_failed")


def test_a_stranger_needs_the_csrf_cookie(stranger: Browser) -> None:
    message = stranger.challenge()
    body = {"message": message, "signature": "0x"}
    del stranger.client.cookies["dex_csrf"]
    answer = stranger.client.post(
        VERIFY, body, content_type="application/json", headers={**stranger.headers, "x-csrftoken": "c" * 32}
    )
    assert refusal(answer) == (403, "csrf_failed")


@pytest.mark.parametrize(("method", "path"), IN_PERSON)
def test_who_is_in_needs_our_page_and_the_csrf_token(method: str, path: str) -> None:
    browser = logged_in(user_named("alice"))
    assert refusal(browser.ask(method, path, origin="http://evil.example")) == (403, "wrong_origin")
    assert refusal(browser.ask(method, path, origin=None)) == (403, "wrong_origin")
    assert refusal(browser.ask(method, path, x_csrftoken=None)) == (403, "csrf_failed")
    assert browser.get("/api/auth/me/").status_code == 200


def test_the_csrf_token_of_before_the_login_is_over(stranger: Browser) -> None:
    before = stranger.client.cookies["dex_csrf"].value
    stranger.log_in()
    assert stranger.client.cookies["dex_csrf"].value != before
    refused = stranger.post("/api/auth/logout/", x_csrftoken=before)
    assert refusal(refused) == (403, "csrf_failed")


def test_reading_needs_neither() -> None:
    browser = logged_in(user_named("alice"))
    assert browser.client.get("/api/auth/me/").status_code == 200


def test_a_token_needs_neither(settings: Any) -> None:
    user = user_named("alice")
    script = client_for(user)
    script.handler.enforce_csrf_checks = True
    assert script.post("/api/auth/socket-ticket/", {}, content_type="application/json").status_code == 201


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_the_two_steps_are_posts(stranger: Browser, method: str) -> None:
    for path in (CHALLENGE, VERIFY):
        assert getattr(Client(), method)(path).status_code == 405
