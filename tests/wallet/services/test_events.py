"""What the owner finds in the log, and what nobody may find there."""

import logging

import pytest

from tests.support.api_client import user_named
from tests.wallet.browser import ALICE, MALLORY, Browser, address_of, logged_in, signed
from wallet.services.bootstrap import make_token
from wallet.services.events import LOGGER, note
from wallet.services.owner import local_owner
from wallet.services.wallets import allow_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger=LOGGER)
    return caplog


def events(told: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().split(" ")[0] for record in told.records if record.name == LOGGER]


def test_a_value_cannot_begin_a_line_or_pass_for_another_value(told: pytest.LogCaptureFixture) -> None:
    note("login", agent="x\nlogin user=owner", user='a b="c"', address="0xA0", longest="y" * 500)
    [line] = [record.getMessage() for record in told.records]
    assert line.startswith('login agent="x\\nlogin user=owner" user="a b=\\"c\\"" address=0xA0 longest=yyy')
    assert "\n" not in line
    assert len(line) < 400


def test_a_login_and_its_end_are_told(told: pytest.LogCaptureFixture) -> None:
    browser = logged_in(user_named("alice"))
    browser.post("/api/auth/logout/")
    assert events(told) == ["wallet_allowed", "login", "logout"]
    line = told.records[1].getMessage()
    assert f"user=alice address={address_of(ALICE)}" in line
    assert "client=127.0.0.1" in line


def test_a_refused_login_is_told_with_its_reason(told: pytest.LogCaptureFixture) -> None:
    browser = Browser()
    message = browser.challenge()
    browser.verify("x")
    browser.verify(message, signed(message, MALLORY))
    browser.log_in()
    refused = [record for record in told.records if record.getMessage().startswith("login_refused")]
    assert [record.levelname for record in refused] == ["WARNING"] * 3
    reasons = [record.getMessage().split(" ")[1] for record in refused]
    assert reasons == ["reason=challenge_over", "reason=wrong_signature", "reason=not_allowed"]


def test_everything_that_gives_or_takes_access_is_told(told: pytest.LogCaptureFixture) -> None:
    browser = logged_in(user_named("alice"))
    Browser().log_in()
    made = browser.post("/api/tokens/", {"name": "script", "scopes": ["read"]}).json()
    browser.ask("delete", f"/api/tokens/{made['id']}/")
    browser.post("/api/auth/sessions/revoke-others/")
    watched = browser.post("/api/wallets/", {"address": address_of(MALLORY)}).json()
    browser.ask("delete", f"/api/wallets/{watched['id']}/")
    assert events(told)[3:] == [
        "token_made",
        "token_revoked",
        "other_logins_revoked",
        "wallet_watched",
        "wallet_removed",
    ]


def test_the_first_wallet_is_told(told: pytest.LogCaptureFixture) -> None:
    secret = make_token()
    assert Browser().log_in(bootstrap=secret).json()["user"] == local_owner().username
    assert events(told) == ["bootstrap_made", "wallet_allowed", "bootstrap_used", "login"]


def test_a_step_up_is_told_from_its_signature_to_its_use(told: pytest.LogCaptureFixture) -> None:
    browser = logged_in(user_named("alice"))
    message = browser.post("/api/auth/step-up/", {"action": "withdraw"}).json()["message"]
    verify = "/api/auth/step-up/verify/"
    browser.post(verify, {"message": message, "signature": signed(message)})
    browser.post(verify, {"message": message, "signature": signed(message)})
    assert events(told)[2:] == ["step_up_granted", "step_up_refused"]


def test_no_secret_is_ever_told(told: pytest.LogCaptureFixture) -> None:
    allow_wallet(address=address_of(ALICE), user=user_named("alice"))
    browser = Browser()
    message = browser.challenge()
    binding = browser.client.cookies["dex_login"].value
    signature = signed(message)
    browser.verify(message, signature)
    made = browser.post("/api/tokens/", {"name": "script", "scopes": ["read"]}).json()["secret"]
    ticket = browser.post("/api/auth/socket-ticket/").json()["ticket"]
    key, csrf = browser.session_key, browser.client.cookies["dex_csrf"].value
    browser.verify(message, signature)
    log = "\n".join(record.getMessage() for record in told.records)
    assert len(log.splitlines()) >= 4
    for secret in (signature, message.split("Nonce: ")[1][:32], binding, made, made[10:], ticket, key, csrf):
        assert secret not in log
