"""Logging in over HTTP, and what somebody else could try."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from api import parsers
from tests.support.api_client import error_of, user_named
from tests.wallet.browser import ALICE, CHALLENGE, MALLORY, VERIFY, Browser, address_of, logged_in, mistyped, signed
from wallet.models import LoginChallenge, LoginSession
from wallet.services.signatures import CURVE_ORDER
from wallet.services.wallets import allow_wallet

pytestmark = pytest.mark.django_db
ME = "/api/auth/me/"


@pytest.fixture
def alice() -> Browser:
    """Whose wallet may log in, and has not yet."""
    allow_wallet(address=address_of(ALICE), user=user_named("alice"))
    return Browser()


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, error_of(answer)["code"]


def nobody_is_in() -> bool:
    return not LoginSession.objects.exists() and not Session.objects.exists()


def test_a_wallet_that_is_allowed_logs_in(alice: Browser) -> None:
    answer = alice.log_in()
    assert (answer.status_code, answer.json()) == (200, {"user": "alice", "address": address_of(ALICE)})
    told = alice.get(ME).json()
    assert (told["user"], told["address"]) == ("alice", address_of(ALICE))
    assert told["ends_at"].startswith(str((timezone.now() + timedelta(days=14)).date()))


def test_who_is_not_logged_in_is_nobody(alice: Browser) -> None:
    assert refusal(alice.get(ME)) == (401, "not_authenticated")
    alice.challenge()
    assert refusal(alice.get(ME)) == (401, "not_authenticated")


def test_an_address_without_its_checksum_is_the_same_wallet(alice: Browser) -> None:
    assert alice.verify(alice.challenge(address=address_of(ALICE).lower())).status_code == 200


@pytest.mark.parametrize("v", [0, 1])
def test_a_wallet_may_write_v_from_zero(alice: Browser, v: int) -> None:
    message = alice.challenge()
    signature = signed(message)
    while int(signature[-2:], 16) != 27 + v:
        message = alice.challenge()
        signature = signed(message)
    assert alice.verify(message, f"{signature[:-2]}{v:02x}").status_code == 200


def test_the_message_names_our_own_page_whatever_the_host_header_says(alice: Browser) -> None:
    alice.headers["host"] = "localhost"
    assert alice.challenge().startswith("127.0.0.1:8000 wants you")
    local = Browser(origin="http://localhost:8000")
    local.headers["host"] = "127.0.0.1"
    assert local.challenge().startswith("localhost:8000 wants you")


def test_a_signature_logs_in_once(alice: Browser) -> None:
    message = alice.challenge()
    binding = alice.client.cookies["dex_login"].value
    assert alice.verify(message).status_code == 200
    alice.client.cookies["dex_login"] = binding
    assert refusal(alice.verify(message)) == (403, "challenge_over")
    assert LoginSession.objects.count() == 1


def test_a_wrong_signature_uses_the_message_up(alice: Browser) -> None:
    message = alice.challenge()
    assert refusal(alice.verify(message, signed(message, MALLORY))) == (403, "wrong_signature")
    assert refusal(alice.verify(message)) == (403, "challenge_over")
    assert nobody_is_in()


def test_another_browser_cannot_use_a_message_that_was_signed(alice: Browser) -> None:
    message = alice.challenge()
    thief = Browser(MALLORY)
    thief.challenge()
    assert refusal(thief.verify(message, signed(message))) == (403, "challenge_over")
    bare = Browser(MALLORY)
    assert refusal(bare.verify(message, signed(message))) == (403, "challenge_over")
    assert alice.verify(message).status_code == 200


def test_another_page_of_ours_cannot_use_it_either(alice: Browser) -> None:
    message = alice.challenge()
    alice.headers["origin"] = "http://localhost:8000"
    assert refusal(alice.verify(message)) == (403, "challenge_over")


def test_another_wallets_signature_is_wrong(alice: Browser) -> None:
    allow_wallet(address=address_of(MALLORY), user=user_named("mallory"))
    message = alice.challenge()
    assert refusal(alice.verify(message, signed(message, MALLORY))) == (403, "wrong_signature")
    assert nobody_is_in()


def _twin(signature: str) -> str:
    r, s, v = signature[2:66], int(signature[66:130], 16), int(signature[130:], 16)
    return f"0x{r}{CURVE_ORDER - s:064x}{55 - v:02x}"


@pytest.mark.parametrize(
    "spoil",
    [
        _twin,
        lambda signature: signature[:-2] + "02",
        lambda signature: signature[:-2],
        lambda signature: signature + "00",
        lambda signature: "0x" + "00" * 32 + signature[66:],
        lambda signature: signature[:66] + "00" * 32 + signature[130:],
        lambda signature: "0x" + f"{CURVE_ORDER:064x}" + signature[66:],
        lambda signature: signature[:66] + "ff" * 32 + signature[130:],
        lambda signature: "0x" + "ab" * 500,
        lambda signature: signature.removeprefix("0x"),
        lambda _: "0x",
        lambda _: "no signature",
    ],
)
def test_a_signature_that_is_not_exactly_one_is_refused(alice: Browser, spoil: Callable[[str], str]) -> None:
    message = alice.challenge()
    assert refusal(alice.verify(message, spoil(signed(message)))) == (403, "wrong_signature")
    assert nobody_is_in()


def test_a_contract_wallet_is_told_that_it_cannot_log_in(alice: Browser) -> None:
    answer = alice.verify(alice.challenge(), "0x" + "ab" * 320)
    assert "contracts cannot log in" in error_of(answer)["message"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("127.0.0.1:8000 wants", "evil.example wants"),
        ("URI: http://127.0.0.1:8000", "URI: http://evil.example"),
        ("Chain ID: 1\n", "Chain ID: 10\n"),
        ("Nonce: ", "Nonce: 0"),
        ("Issued At: 2", "Issued At: 1"),
        ("Expiration Time: 2", "Expiration Time: 9"),
        ("Version: 1", "Version: 2"),
        ("Log in to", "Log in  to"),
        ("\n", "\r\n"),
    ],
)
def test_a_message_that_we_did_not_write_is_none_however_well_it_is_signed(alice: Browser, old: str, new: str) -> None:
    message = alice.challenge()
    changed = message.replace(old, new)
    assert changed != message
    assert refusal(alice.verify(changed)) == (403, "challenge_over")
    assert nobody_is_in()


def test_a_message_for_another_address_is_none(alice: Browser) -> None:
    message = Browser(MALLORY).challenge().replace(address_of(MALLORY), address_of(ALICE))
    assert refusal(alice.verify(message)) == (403, "challenge_over")


@pytest.mark.parametrize("shift", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_a_message_is_good_for_its_five_minutes_only(alice: Browser, shift: timedelta) -> None:
    message = alice.challenge()
    row = LoginChallenge.objects.get()
    LoginChallenge.objects.update(issued_at=row.issued_at + shift, expires_at=row.expires_at + shift)
    assert refusal(alice.verify(message)) == (403, "challenge_over")


def test_a_wallet_that_nobody_allowed_does_not_get_in(alice: Browser) -> None:
    stranger = Browser(MALLORY)
    answer = stranger.log_in()
    assert refusal(answer) == (403, "not_allowed")
    assert f"wallet_allow {address_of(MALLORY)}" in error_of(answer)["message"]
    assert nobody_is_in()


def test_a_watched_wallet_does_not_get_in(alice: Browser) -> None:
    owner = logged_in(user_named("alice"))
    assert owner.post("/api/wallets/", {"address": address_of(MALLORY)}).status_code == 201
    assert refusal(Browser(MALLORY).log_in()) == (403, "not_allowed")


def test_an_inactive_user_does_not_get_in(alice: Browser) -> None:
    user = user_named("alice")
    user.is_active = False
    user.save()
    assert refusal(alice.log_in()) == (403, "not_allowed")
    assert nobody_is_in()


def test_a_user_who_becomes_inactive_is_out() -> None:
    user = user_named("alice")
    browser = logged_in(user)
    user.is_active = False
    user.save()
    assert browser.get(ME).status_code == 401


def test_the_session_key_of_before_the_login_is_worth_nothing(alice: Browser) -> None:
    planted = "a" * 32
    alice.client.cookies["dex_session"] = planted
    assert alice.log_in().status_code == 200
    assert alice.session_key not in ("", planted)
    thief = Browser(MALLORY)
    thief.client.cookies["dex_session"] = planted
    assert thief.get(ME).status_code == 401


def test_logging_in_again_gives_another_key_and_ends_the_first(alice: Browser) -> None:
    alice.log_in()
    first = alice.session_key
    alice.log_in()
    assert alice.session_key != first
    old = Browser()
    old.client.cookies["dex_session"] = first
    assert old.get(ME).status_code == 401
    assert alice.get(ME).status_code == 200
    assert Session.objects.count() == 1
    assert LoginSession.objects.get(revoked_at=None).pk == LoginSession.objects.latest("pk").pk


def test_logging_in_again_after_an_idle_time_gives_another_key(alice: Browser) -> None:
    alice.log_in()
    first = alice.session_key
    LoginSession.objects.update(last_seen_at=timezone.now() - timedelta(days=3))
    assert alice.get(ME).status_code == 401
    assert alice.log_in().status_code == 200
    assert alice.session_key != first


def test_the_session_cookie_is_hidden_from_scripts_and_kept_for_two_weeks(alice: Browser) -> None:
    alice.log_in()
    cookie = alice.client.cookies["dex_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 14 * 24 * 3600)


def test_the_binding_cookie_is_hidden_and_goes_nowhere_else(alice: Browser) -> None:
    alice.challenge()
    cookie = alice.client.cookies["dex_login"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/auth/")
    assert cookie["max-age"] == 300


def test_cookies_travel_encrypted_where_our_pages_do(alice: Browser, settings: Any) -> None:
    settings.PRODUCTION = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    alice.challenge()
    assert alice.client.cookies["dex_login"]["secure"]
    alice.log_in()
    assert alice.client.cookies["dex_session"]["secure"]


def test_the_login_says_where_it_comes_from(alice: Browser) -> None:
    alice.headers["user-agent"] = "Firefox\x00<b>" + "é" * 300
    alice.log_in()
    [login] = LoginSession.objects.all()
    assert login.client_address == "127.0.0.1"
    assert login.user_agent.startswith("Firefox<b>")
    assert len(login.user_agent) <= 200
    assert login.user_agent.isprintable()


def test_a_chain_that_nobody_knows_is_refused_in_plain_words(alice: Browser) -> None:
    answer = alice.post(CHALLENGE, {"address": alice.address, "chain_id": 56})
    assert refusal(answer) == (400, "wrong_chain")
    error = error_of(answer)
    assert error["fields"]["chain_id"][:2] == ["1", "10"]
    assert "ethereum (1)" in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"address": "0x12", "chain_id": 1},
        {"address": "0x" + "0" * 40, "chain_id": 1},
        {"address": mistyped(address_of(ALICE)), "chain_id": 1},
        {"address": ["0x"], "chain_id": 1},
        {"address": address_of(ALICE), "chain_id": "1"},
        {"address": address_of(ALICE), "chain_id": 1.0},
        {"address": address_of(ALICE), "chain_id": 0},
        {"address": address_of(ALICE), "chain_id": -1},
        {"address": address_of(ALICE), "chain_id": 2**64},
        {"address": address_of(ALICE), "chain_id": True},
        {"address": address_of(ALICE), "chain_id": 1, "user": "owner"},
        {"address": address_of(ALICE) + "\n", "chain_id": 1},
    ],
)
def test_nonsense_gets_no_message(alice: Browser, body: dict[str, Any]) -> None:
    assert refusal(alice.post(CHALLENGE, body)) == (400, "invalid")
    assert not LoginChallenge.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": 5, "signature": "0x"},
        {"message": ["x"], "signature": "0x"},
        {"message": "x", "signature": None},
        {"message": None, "signature": "0x"},
        {"message": "", "signature": "0x"},
        {"message": "x" * 4_097, "signature": "0x"},
        {"message": "x", "signature": "0x" + "a" * 10_000},
        {"message": "x", "signature": "0x", "bootstrap": "a b"},
        {"message": "x", "signature": "0x", "user": "owner"},
    ],
)
def test_nonsense_is_not_verified(alice: Browser, body: dict[str, Any]) -> None:
    assert refusal(alice.post(VERIFY, body)) == (400, "invalid")


@pytest.mark.parametrize(
    "message", ["x", "wants you to sign in" * 100, "\n" * 4_000, "♥" * 4_000, "\U0001f600" * 2_000]
)
def test_a_text_that_is_no_message_is_none(alice: Browser, message: str) -> None:
    assert refusal(alice.verify(message)) == (403, "challenge_over")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"message": NaN}', b'{"message": "\\u0000"}', b""]
)
def test_a_body_that_is_no_json_is_refused(alice: Browser, body: bytes) -> None:
    answer = alice.client.post(
        VERIFY,
        data=body,
        content_type="application/json",
        headers={**alice.headers, "x-csrftoken": alice.client.cookies["dex_csrf"].value},
    )
    assert answer.status_code in (400, 413)
    error_of(answer)


def test_a_megabyte_is_refused_before_anything_reads_it(alice: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[Any] = []
    for name in ("parse_json", "_depth"):
        monkeypatch.setattr(parsers, name, parsed.append)
    monkeypatch.setattr("wallet.services.challenges.consume_challenge", parsed.append)
    answer = alice.post(VERIFY, {"message": "x" * 1_000_000, "signature": "0x"})
    assert refusal(answer) == (413, "too_large")
    assert parsed == []
