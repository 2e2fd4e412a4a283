"""What only somebody who logged in may do: logins, API tokens, wallets, step-ups."""

from typing import Any

import pytest
from django.test import Client

from tests.support.api_client import bearer, client_for, error_of, user_named
from tests.wallet.browser import ALICE, MALLORY, Browser, address_of, logged_in, mistyped, signed
from wallet.models import ApiToken, LoginSession, StepUp, Wallet
from wallet.services.api_tokens import create_token
from wallet.services.wallets import allow_wallet

pytestmark = pytest.mark.django_db
SESSIONS, TOKENS, WALLETS = "/api/auth/sessions/", "/api/tokens/", "/api/wallets/"
STEP_UP, STEP_UP_VERIFY = "/api/auth/step-up/", "/api/auth/step-up/verify/"


@pytest.fixture
def alice() -> Browser:
    return logged_in(user_named("alice"))


@pytest.fixture
def mallory() -> Browser:
    return logged_in(user_named("mallory"), MALLORY)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, error_of(answer)["code"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/auth/logout/"),
        ("get", SESSIONS),
        ("delete", f"{SESSIONS}1/"),
        ("post", f"{SESSIONS}revoke-others/"),
        ("get", TOKENS),
        ("post", TOKENS),
        ("delete", f"{TOKENS}1/"),
        ("post", WALLETS),
        ("patch", f"{WALLETS}1/"),
        ("delete", f"{WALLETS}1/"),
        ("post", STEP_UP),
        ("post", STEP_UP_VERIFY),
    ],
)
def test_a_token_is_not_enough_whatever_its_scopes(method: str, path: str) -> None:
    script = client_for(user_named("alice"))
    answer = getattr(script, method)(path, {}, content_type="application/json") if method != "get" else script.get(path)
    assert refusal(answer) == (403, "login_required")
    assert ApiToken.objects.count() == 1


def test_a_token_and_a_login_together_are_a_token(alice: Browser) -> None:
    secret = create_token(user=user_named("alice"), name="x", scopes=["read"]).secret
    assert refusal(alice.post(TOKENS, authorization=f"Bearer {secret}")) == (403, "login_required")


def test_a_login_trades_as_a_token_with_both_scopes_does(alice: Browser) -> None:
    answer = alice.post("/paper-trading/api/accounts/", {"name": "mine"})
    assert answer.status_code == 201
    assert [one["name"] for one in alice.get("/paper-trading/api/accounts/").json()["results"]] == ["mine"]


def test_a_login_is_no_token(alice: Browser) -> None:
    assert refusal(alice.get("/api/token/")) == (404, "not_found")


def test_me_tells_a_token_about_its_user() -> None:
    told = client_for(user_named("bob")).get("/api/auth/me/").json()
    assert told == {"user": "bob", "address": None, "ends_at": None}


def test_logging_out_ends_the_session_here_and_in_the_database(alice: Browser) -> None:
    key = alice.session_key
    assert alice.post("/api/auth/logout/").status_code == 204
    copy = Browser()
    copy.client.cookies["dex_session"] = key
    assert copy.get("/api/auth/me/").status_code == 401
    assert alice.get("/api/auth/me/").status_code == 401
    assert LoginSession.objects.get().revoked_at is not None


def test_logins_are_listed_with_the_one_that_asks(alice: Browser, mallory: Browser) -> None:
    second = Browser()
    second.log_in()
    listed = second.get(SESSIONS).json()["results"]
    assert [one["current"] for one in listed] == [True, False]
    assert {one["address"] for one in listed} == {address_of(ALICE)}
    assert alice.session_key not in str(listed)


def test_a_revoked_browser_is_out_at_once(alice: Browser) -> None:
    second = Browser()
    second.log_in()
    [other] = [one["id"] for one in alice.get(SESSIONS).json()["results"] if not one["current"]]
    assert alice.ask("delete", f"{SESSIONS}{other}/").status_code == 204
    assert second.get("/api/auth/me/").status_code == 401
    assert alice.get("/api/auth/me/").status_code == 200


def test_all_other_browsers_can_be_put_out(alice: Browser, mallory: Browser) -> None:
    others = [Browser(), Browser()]
    for other in others:
        other.log_in()
    assert alice.post(f"{SESSIONS}revoke-others/").json() == {"revoked": 2}
    assert {other.get("/api/auth/me/").status_code for other in others} == {401}
    assert {one.get("/api/auth/me/").status_code for one in (alice, mallory)} == {200}


def test_what_belongs_to_another_is_not_there(alice: Browser, mallory: Browser) -> None:
    token = create_token(user=user_named("alice"), name="x", scopes=["read"]).token
    login = LoginSession.objects.get(user__username="alice")
    wallet = Wallet.objects.get(user__username="alice")
    for method, path in (
        ("delete", f"{SESSIONS}{login.pk}/"),
        ("delete", f"{TOKENS}{token.pk}/"),
        ("delete", f"{WALLETS}{wallet.pk}/"),
        ("patch", f"{WALLETS}{wallet.pk}/"),
    ):
        assert refusal(mallory.ask(method, path, {"label": "mine"} if method == "patch" else None)) == (
            404,
            "not_found",
        )
    assert refusal(mallory.get(f"{WALLETS}{wallet.pk}/balances/")) == (404, "not_found")
    for path in (SESSIONS, TOKENS, WALLETS):
        assert address_of(ALICE) not in mallory.get(path).content.decode()
    assert alice.get("/api/auth/me/").status_code == 200


def test_a_token_that_is_made_works_and_is_told_once(alice: Browser) -> None:
    answer = alice.post(TOKENS, {"name": "script", "scopes": ["read"], "days": 7})
    assert answer.status_code == 201
    secret = answer.json()["secret"]
    assert bearer(secret).get("/api/token/").json()["name"] == "script"
    [listed] = alice.get(TOKENS).json()["results"]
    assert listed == {name: value for name, value in answer.json().items() if name != "secret"} | {
        "last_used_at": listed["last_used_at"]
    }
    assert secret not in alice.get(TOKENS).content.decode()


def test_a_token_that_is_revoked_is_over(alice: Browser) -> None:
    made = alice.post(TOKENS, {"name": "script", "scopes": ["read", "trade"]}).json()
    for _ in range(2):
        assert alice.ask("delete", f"{TOKENS}{made['id']}/").status_code == 204
    assert bearer(made["secret"]).get("/api/token/").status_code == 401
    assert alice.get(TOKENS).json()["results"][0]["revoked_at"] is not None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["admin"]},
        {"name": "x", "scopes": ["read"] * 3},
        {"name": "x", "scopes": "read"},
        {"name": "", "scopes": ["read"]},
        {"name": "x" * 81, "scopes": ["read"]},
        {"name": "\u202e", "scopes": ["read"]},
        {"name": "x", "scopes": ["read"], "days": 0},
        {"name": "x", "scopes": ["read"], "days": 3_651},
        {"name": "x", "scopes": ["read"], "days": "7"},
        {"name": "x", "scopes": ["read"], "user": 1},
    ],
)
def test_no_token_is_made_of_nonsense(alice: Browser, body: dict[str, Any]) -> None:
    assert refusal(alice.post(TOKENS, body)) == (400, "invalid")
    assert not ApiToken.objects.exists()


def test_wallets_are_added_labelled_and_removed(alice: Browser) -> None:
    added = alice.post(WALLETS, {"address": address_of(MALLORY).lower(), "label": "cold"})
    assert added.status_code == 201
    assert (added.json()["address"], added.json()["can_login"]) == (address_of(MALLORY), False)
    path = f"{WALLETS}{added.json()['id']}/"
    assert alice.ask("patch", path, {"label": "colder"}).json()["label"] == "colder"
    assert [one["label"] for one in alice.get(WALLETS).json()["results"]] == ["colder", ""]
    assert alice.ask("delete", path).status_code == 204
    assert len(alice.get(WALLETS).json()["results"]) == 1


def test_the_last_wallet_that_logs_in_stays(alice: Browser) -> None:
    [mine] = alice.get(WALLETS).json()["results"]
    assert refusal(alice.ask("delete", f"{WALLETS}{mine['id']}/")) == (409, "last_wallet")


def test_removing_a_wallet_ends_its_logins(alice: Browser) -> None:
    allow_wallet(address=address_of(MALLORY), user=user_named("alice"))
    second = Browser(MALLORY)
    second.log_in()
    [hers] = [one for one in alice.get(WALLETS).json()["results"] if one["address"] == address_of(MALLORY)]
    assert alice.ask("delete", f"{WALLETS}{hers['id']}/").status_code == 204
    assert second.get("/api/auth/me/").status_code == 401
    assert alice.get("/api/auth/me/").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"address": "x"},
        {"address": address_of(MALLORY), "can_login": True},
        {"address": mistyped(address_of(MALLORY))},
    ],
)
def test_no_wallet_is_added_of_nonsense(alice: Browser, body: dict[str, Any]) -> None:
    assert refusal(alice.post(WALLETS, body)) == (400, "invalid")
    assert Wallet.objects.count() == 1


def test_an_address_is_added_once(alice: Browser) -> None:
    assert refusal(alice.post(WALLETS, {"address": address_of(ALICE)})) == (409, "wallet_exists")


def test_a_token_may_look_at_wallets(alice: Browser) -> None:
    assert len(client_for(user_named("alice"), scopes=["read"]).get(WALLETS).json()["results"]) == 1
    blind = client_for(user_named("alice"), scopes=["trade"]).get(WALLETS)
    assert refusal(blind) == (403, "scope_missing")


def test_a_step_up_is_asked_for_signed_and_granted(alice: Browser) -> None:
    asked = alice.post(STEP_UP, {"action": "raise_limit", "parameters": {"limit": "100", "hours": 24}})
    assert asked.status_code == 201
    message = asked.json()["message"]
    assert "raise a limit, once. hours: 24; limit: 100" in message
    answer = alice.post(STEP_UP_VERIFY, {"message": message, "signature": signed(message)})
    assert (answer.status_code, answer.json()["action"]) == (200, "raise_limit")
    assert StepUp.objects.get().login_session == LoginSession.objects.get()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "dance"},
        {"action": "withdraw", "parameters": []},
        {"action": "withdraw", "parameters": {"a": 1.5}},
        {"action": "withdraw", "parameters": {"a": None}},
        {"action": "withdraw", "parameters": {"a": {"b": 1}}},
        {"action": "withdraw", "parameters": {"a": "x\n"}},
        {"action": "withdraw", "parameters": {"a": 10**79}},
        {"action": "withdraw", "parameters": {f"p{number}": 1 for number in range(13)}},
    ],
)
def test_no_step_up_is_asked_for_nonsense(alice: Browser, body: dict[str, Any]) -> None:
    assert refusal(alice.post(STEP_UP, body)) == (400, "invalid")


def test_a_step_up_needs_the_right_signature(alice: Browser) -> None:
    message = alice.post(STEP_UP, {"action": "withdraw"}).json()["message"]
    wrong = {"message": message, "signature": signed(message, MALLORY)}
    assert refusal(alice.post(STEP_UP_VERIFY, wrong)) == (403, "wrong_signature")
    assert not StepUp.objects.exists()


def test_a_ticket_is_for_whoever_may_read(alice: Browser) -> None:
    path = "/api/auth/socket-ticket/"
    assert alice.post(path).status_code == 201
    assert (
        client_for(user_named("alice"), scopes=["read"]).post(path, content_type="application/json").status_code == 201
    )
    assert Client().post(path).status_code == 401


@pytest.mark.parametrize("path", [SESSIONS, TOKENS, WALLETS, "/api/auth/me/"])
def test_nothing_personal_is_kept_by_browsers(alice: Browser, path: str) -> None:
    assert alice.get(path).headers["Cache-Control"] == "no-store"
