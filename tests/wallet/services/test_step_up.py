from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.api_client import user_named
from tests.wallet.browser import ALICE, MALLORY, ORIGIN, Browser, logged_in, signed
from wallet.errors import ChallengeOver, StepUpNeeded, WrongSignature, WrongStepUp
from wallet.models import LoginChallenge, LoginSession, StepUp
from wallet.services.challenges import issue_login_challenge
from wallet.services.login import Proof
from wallet.services.login_sessions import end_logins
from wallet.services.step_up import ask_step_up, grant_step_up, parameters_digest, statement_of, use_step_up

pytestmark = pytest.mark.django_db
ACTION = "withdraw"
PARAMETERS: dict[str, str | int | bool] = {
    "amount": "1.5",
    "token": "WETH",
    "to": "0x" + "a" * 40,
    "all": False,
    "raw": 15,
}


@pytest.fixture
def login() -> LoginSession:
    logged_in(user_named("alice"))
    return LoginSession.objects.get()


def asked(login: LoginSession, **over: Any) -> LoginChallenge:
    wanted = {"action": ACTION, "parameters": PARAMETERS, "origin": ORIGIN, "now": timezone.now()} | over
    return ask_step_up(login=login, **wanted)


def proof(challenge: LoginChallenge, key: str = ALICE) -> Proof:
    message = challenge.message
    return Proof(message=message, signature=signed(message, key), binding="", origin=ORIGIN)


def granted(login: LoginSession, **over: Any) -> StepUp:
    return grant_step_up(login=login, proof=proof(asked(login, **over)))


def may(login: LoginSession, action: str = ACTION, **over: Any) -> bool:
    try:
        use_step_up(login=login, action=action, parameters=PARAMETERS | over)
    except StepUpNeeded:
        return False
    return True


def test_the_wallet_shows_the_action_and_each_parameter_in_plain_words(login: LoginSession) -> None:
    message = asked(login).message
    said = f"Allow your trading bot to withdraw, once. all: false; amount: 1.5; raw: 15; to: 0x{'a' * 40}; token: WETH"
    assert said in message.split("\n")
    assert message.endswith(f"Resources:\n- urn:dexproject:step-up:sha256:{parameters_digest(ACTION, PARAMETERS)}")


def test_what_was_signed_can_be_done_once(login: LoginSession) -> None:
    granted(login)
    assert [may(login), may(login)] == [True, False]


def test_signed_twice_can_be_done_twice(login: LoginSession) -> None:
    granted(login)
    granted(login)
    assert [may(login), may(login), may(login)] == [True, True, False]


def test_without_a_signature_nothing_is_allowed(login: LoginSession) -> None:
    asked(login)
    assert not may(login)


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "1.50"},
        {"amount": "15"},
        {"token": "USDC"},
        {"raw": 16},
        {"raw": "15"},
        {"all": 0},
        {"all": True},
        {"more": 1},
    ],
)
def test_other_parameters_are_not_allowed(login: LoginSession, other: dict[str, Any]) -> None:
    granted(login)
    assert not may(login, **other)
    assert may(login)


def test_another_action_is_not_allowed(login: LoginSession) -> None:
    granted(login)
    assert not may(login, "raise_limit")


def test_it_is_allowed_for_two_minutes(login: LoginSession) -> None:
    permission = granted(login)
    assert permission.expires_at - permission.granted_at == timedelta(minutes=2)
    StepUp.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not may(login)


def test_another_login_of_the_same_user_may_not_use_it(login: LoginSession) -> None:
    granted(login)
    Browser().log_in()
    other = LoginSession.objects.exclude(pk=login.pk).get()
    assert not may(other)
    assert may(login)


def test_a_login_that_ended_may_not_use_it(login: LoginSession) -> None:
    granted(login)
    end_logins([login], now=timezone.now())
    assert not may(login)


def test_a_message_is_answered_once_and_by_the_login_that_asked(login: LoginSession) -> None:
    challenge = asked(login)
    Browser().log_in()
    other = LoginSession.objects.exclude(pk=login.pk).get()
    with pytest.raises(ChallengeOver):
        grant_step_up(login=other, proof=proof(challenge))
    grant_step_up(login=login, proof=proof(challenge))
    with pytest.raises(ChallengeOver):
        grant_step_up(login=login, proof=proof(challenge))


def test_another_wallets_signature_allows_nothing(login: LoginSession) -> None:
    with pytest.raises(WrongSignature):
        grant_step_up(login=login, proof=proof(asked(login), MALLORY))
    assert not StepUp.objects.exists()


def test_the_message_of_a_login_allows_no_action(login: LoginSession) -> None:
    challenge = issue_login_challenge(
        address=login.wallet.address, chain_id=1, origin=ORIGIN, binding="x", now=timezone.now()
    )
    with pytest.raises(ChallengeOver):
        grant_step_up(login=login, proof=proof(challenge))


def test_the_message_of_an_action_logs_nobody_in(login: LoginSession) -> None:
    browser = Browser()
    browser.challenge()
    assert browser.verify(asked(login).message).json()["error"]["code"] == "challenge_over"


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("dance", {}),
        ("", {}),
        (ACTION, {"to": "0xaa; amount: 1"}),
        (ACTION, {"to": "a\nb"}),
        (ACTION, {"to": "ünï"}),
        (ACTION, {"to": ""}),
        (ACTION, {"to": "x" * 101}),
        (ACTION, {"to": 'say "hi"'}),
        (ACTION, {"to": 1.5}),
        (ACTION, {"to": None}),
        (ACTION, {"to": ["x"]}),
        (ACTION, {"to": 2**256}),
        (ACTION, {"To": "x"}),
        (ACTION, {"a: b": "x"}),
        (ACTION, {f"p{number}": 1 for number in range(13)}),
    ],
)
def test_nothing_can_be_asked_that_could_read_as_something_else(
    login: LoginSession, action: str, parameters: Any
) -> None:
    with pytest.raises(WrongStepUp):
        asked(login, action=action, parameters=parameters)


def test_the_digest_that_is_signed_is_of_the_action_too() -> None:
    assert parameters_digest("withdraw", {}) != parameters_digest("raise_limit", {})


def test_an_action_without_parameters_reads_well() -> None:
    assert statement_of("start_live_trading", {}) == "Allow your trading bot to start live trading, once."
