from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from tests.wallet.browser import ALICE, ORIGIN, address_of
from wallet.digests import digest_of
from wallet.errors import ChallengeOver, WrongLoginChain
from wallet.models import LoginChallenge, Purpose
from wallet.services.challenges import MOST_MESSAGE, consume_challenge, issue_login_challenge

pytestmark = pytest.mark.usefixtures("books_db")
SECOND = timedelta(seconds=1)


def issued(*, now: datetime | None = None, **over: Any) -> LoginChallenge:
    asked = {"address": address_of(ALICE), "chain_id": 1, "origin": ORIGIN, "binding": "cookie"} | over
    return issue_login_challenge(now=now or timezone.now(), **asked)


def consume(message: str, **over: Any) -> LoginChallenge:
    asked = {"purpose": Purpose.LOGIN, "binding": digest_of("cookie"), "origin": ORIGIN} | over
    return consume_challenge(message=message, **asked)


def test_a_message_is_consumed_once() -> None:
    challenge = issued()
    assert consume(challenge.message) == challenge
    with pytest.raises(ChallengeOver):
        consume(challenge.message)


def test_nonces_have_128_bits_and_come_once() -> None:
    nonces = {issued().nonce for _ in range(20)}
    assert len(nonces) == 20
    assert {len(bytes.fromhex(nonce)) for nonce in nonces} == {16}


def test_the_message_names_what_was_asked_for() -> None:
    challenge = issued(chain_id=10, now=datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=UTC))
    assert challenge.message.startswith(
        f"127.0.0.1:8000 wants you to sign in with your Ethereum account:\n{address_of(ALICE)}\n"
    )
    for line in (f"URI: {ORIGIN}", "Chain ID: 10", f"Nonce: {challenge.nonce}"):
        assert line in challenge.message.split("\n")
    assert challenge.message.endswith("Issued At: 2026-01-02T03:04:05Z\nExpiration Time: 2026-01-02T03:09:05Z")


def test_a_message_is_over_after_five_minutes() -> None:
    late = issued(now=timezone.now() - timedelta(minutes=5) - SECOND)
    with pytest.raises(ChallengeOver):
        consume(late.message)
    in_time = issued(now=timezone.now() - timedelta(minutes=4, seconds=50))
    consume(in_time.message)


def test_a_message_from_the_future_is_not_valid_yet() -> None:
    early = issued(now=timezone.now() + timedelta(seconds=90))
    with pytest.raises(ChallengeOver):
        consume(early.message)
    assert LoginChallenge.objects.get().consumed_at is None


def test_the_databases_clock_decides_and_not_the_processs(monkeypatch: pytest.MonkeyPatch) -> None:
    late = issued(now=timezone.now() - timedelta(minutes=6))
    monkeypatch.setattr(timezone, "now", lambda: late.issued_at)
    with pytest.raises(ChallengeOver):
        consume(late.message)


@pytest.mark.parametrize(
    "other",
    [
        {"binding": digest_of("another")},
        {"binding": ""},
        {"origin": "http://localhost:8000"},
        {"purpose": Purpose.STEP_UP},
    ],
)
def test_who_did_not_ask_neither_gets_in_nor_uses_it_up(other: dict[str, Any]) -> None:
    challenge = issued()
    with pytest.raises(ChallengeOver):
        consume(challenge.message, **other)
    assert consume(challenge.message) == challenge


def test_no_byte_of_a_message_can_be_changed() -> None:
    message = issued().message
    for place in range(len(message)):
        changed = message[:place] + chr(ord(message[place]) ^ 1) + message[place + 1 :]
        with pytest.raises(ChallengeOver):
            consume(changed)
    for changed in (message + "\n", message + " ", message.replace("\n", "\r\n"), message[:-1], message.upper()):
        with pytest.raises(ChallengeOver):
            consume(changed)
    consume(message)


def test_a_long_message_is_refused_before_anything_looks_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    touched = []
    monkeypatch.setattr("wallet.services.challenges.digest_of", lambda text: touched.append(text) or "")
    monkeypatch.setattr(QuerySet, "filter", lambda *_, **__: touched.append("query"))
    with pytest.raises(ChallengeOver, match=str(MOST_MESSAGE)):
        consume("x" * (MOST_MESSAGE + 1), binding="")
    assert touched == []


def test_a_chain_that_nobody_knows_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(WrongLoginChain, match=r"ethereum \(1\), optimism \(10\)") as refused:
        issued(chain_id=5)
    assert refused.value.accepted[:2] == [1, 10]
    assert not LoginChallenge.objects.exists()


def test_old_ones_are_swept_out_by_new_ones() -> None:
    old = issued(now=timezone.now() - timedelta(hours=2))
    kept = issued(now=timezone.now() - timedelta(minutes=30))
    newest = issued()
    assert set(LoginChallenge.objects.all()) == {kept, newest}
    assert old not in LoginChallenge.objects.all()
