import logging
from typing import Any

import pytest

from tests.support.api_client import error_of, user_named
from tests.wallet.browser import ALICE, CHALLENGE, MALLORY, VERIFY, Browser, logged_in

pytestmark = pytest.mark.django_db


def ask(browser: Browser, key: str = "") -> Any:
    return browser.post(CHALLENGE, {"address": Browser(key or browser.key).address, "chain_id": 1})


def test_a_client_may_try_so_often_a_minute_whatever_it_tries(settings: Any) -> None:
    settings.LOGIN_REQUESTS_PER_CLIENT = 2
    browser = Browser()
    assert ask(browser).status_code == 201
    assert browser.post(VERIFY, {"message": "x", "signature": "0x"}).status_code == 403
    refused = ask(browser)
    assert (refused.status_code, error_of(refused)["code"]) == (429, "throttled")
    assert 0 <= int(refused.headers["Retry-After"]) <= 60
    assert browser.post(VERIFY, {"message": "x", "signature": "0x"}).status_code == 429


def test_an_address_may_be_tried_so_often_whoever_tries(settings: Any) -> None:
    settings.LOGIN_REQUESTS_PER_ADDRESS = 1
    assert ask(Browser(), ALICE).status_code == 201
    assert ask(Browser(), ALICE).status_code == 429
    assert ask(Browser(), MALLORY).status_code == 201


def test_who_is_counted_as_a_client_is_not_what_the_client_says(settings: Any) -> None:
    settings.LOGIN_REQUESTS_PER_CLIENT = 1
    browser = Browser()
    browser.headers["x-forwarded-for"] = "10.0.0.1"
    assert ask(browser).status_code == 201
    browser.headers["x-forwarded-for"] = "10.0.0.2"
    assert ask(browser).status_code == 429


def test_behind_a_proxy_the_address_that_it_added_is_counted(settings: Any) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    settings.LOGIN_REQUESTS_PER_CLIENT = 1
    browser, statuses = Browser(), []
    for said in ("10.0.0.8, 192.0.2.1", "10.0.0.9, 192.0.2.1", "10.0.0.9, 192.0.2.2"):
        browser.headers["x-forwarded-for"] = said
        statuses.append(ask(browser).status_code)
    assert statuses == [201, 429, 201]


def test_one_client_alone_does_not_use_up_an_address(settings: Any) -> None:
    assert settings.LOGIN_REQUESTS_PER_CLIENT < settings.LOGIN_REQUESTS_PER_ADDRESS


def test_a_refusal_is_told_once_a_minute(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.LOGIN_REQUESTS_PER_CLIENT = 1
    with caplog.at_level(logging.WARNING, logger="dexproject.security"):
        for _ in range(4):
            ask(Browser())
    told = [record.getMessage() for record in caplog.records if record.name == "dexproject.security"]
    assert told == ["login_throttled client=127.0.0.1"]


def test_a_step_up_is_counted_too(settings: Any) -> None:
    browser = logged_in(user_named("alice"))
    settings.LOGIN_REQUESTS_PER_CLIENT = 2
    assert browser.post("/api/auth/step-up/", {"action": "withdraw"}).status_code == 429
