"""Fifty at once with one signature, over connections of their own."""

import time
from collections import Counter
from datetime import timedelta
from functools import partial
from threading import Event

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from dex.errors import DexError
from tests.paper_trading.rivals import together
from tests.support.api_client import user_named
from tests.wallet.browser import ALICE, MALLORY, ORIGIN, address_of, signed
from wallet.digests import digest_of
from wallet.errors import LastWallet, LoginRefused, StepUpNeeded
from wallet.models import BootstrapToken, LoginChallenge, LoginSession, StepUp, Wallet
from wallet.services import login
from wallet.services.bootstrap import make_token
from wallet.services.challenges import issue_login_challenge
from wallet.services.login import Proof, log_in
from wallet.services.owner import local_owner
from wallet.services.step_up import parameters_digest, use_step_up
from wallet.services.tickets import issue_ticket, redeem_ticket
from wallet.services.wallets import allow_wallet, remove_wallet
from wallet.session_store import SessionStore

RIVALS = 50


def request() -> HttpRequest:
    made = RequestFactory().post("/api/auth/verify/")
    made.session = SessionStore()
    return made


def proof_of(key: str, *, bootstrap: str | None = None) -> Proof:
    challenge = issue_login_challenge(
        address=address_of(key), chain_id=1, origin=ORIGIN, binding="cookie", now=timezone.now()
    )
    return Proof(
        message=challenge.message,
        signature=signed(challenge.message, key),
        binding="cookie",
        origin=ORIGIN,
        bootstrap=bootstrap,
    )


def test_one_signature_logs_one_browser_in(shared_books: BaseDatabaseWrapper) -> None:
    allow_wallet(address=address_of(ALICE), user=user_named("alice"))
    proof, seen = proof_of(ALICE), Counter[str]()

    def attempt() -> None:
        try:
            log_in(request(), proof)
        except LoginRefused as error:
            seen[error.code] += 1
        else:
            seen["in"] += 1

    together(shared_books, [attempt] * RIVALS)
    assert seen == {"in": 1, "challenge_over": RIVALS - 1}
    assert LoginSession.objects.count() == 1
    assert LoginChallenge.objects.get().consumed_at is not None


def test_one_link_makes_one_wallet_the_owners(shared_books: BaseDatabaseWrapper) -> None:
    secret, seen = make_token(), Counter[str]()
    proofs = [proof_of(key, bootstrap=secret) for key in (ALICE, MALLORY, "0x" + "03" * 32, "0x" + "04" * 32)]

    def attempt(proof: Proof) -> None:
        try:
            log_in(request(), proof)
        except LoginRefused as error:
            seen[error.code] += 1
        else:
            seen["in"] += 1

    together(shared_books, [partial(attempt, proof) for proof in proofs])
    assert seen == {"in": 1, "not_allowed": len(proofs) - 1}
    assert Wallet.objects.filter(can_login=True).count() == 1
    assert BootstrapToken.objects.get().used_at is not None


def test_each_of_several_links_is_over_once_one_was_used(shared_books: BaseDatabaseWrapper) -> None:
    secrets, seen = ["one", "two", "three", "four"], Counter[str]()
    local_owner()
    BootstrapToken.objects.bulk_create(BootstrapToken(digest=digest_of(secret)) for secret in secrets)
    proofs = [proof_of(f"0x{number:064x}", bootstrap=secret) for number, secret in enumerate(secrets, start=1)]

    def attempt(proof: Proof) -> None:
        try:
            log_in(request(), proof)
        except LoginRefused as error:
            seen[error.code] += 1
        else:
            seen["in"] += 1

    together(shared_books, [partial(attempt, proof) for proof in proofs])
    assert seen == {"in": 1, "not_allowed": 3}


def test_a_wallet_that_is_removed_during_its_login_ends_that_login(
    shared_books: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither waits for what the other holds: the database would end one of them."""
    user, entered, usual = user_named("alice"), Event(), login.django_login
    wallet = allow_wallet(address=address_of(ALICE), user=user)
    allow_wallet(address=address_of(MALLORY), user=user)
    proof = proof_of(ALICE)

    def slowly(*arguments: object, **named: object) -> None:
        entered.set()
        time.sleep(0.5)  # the other one has begun, and holds what it takes first
        usual(*arguments, **named)  # type: ignore[arg-type]

    def remove() -> None:
        entered.wait()
        remove_wallet(user=user, wallet_id=wallet.pk)

    monkeypatch.setattr(login, "django_login", slowly)
    together(shared_books, [lambda: log_in(request(), proof), remove])
    assert (LoginSession.objects.count(), Session.objects.count()) == (0, 0)


def permission() -> LoginSession:
    """A login that may withdraw once."""
    allow_wallet(address=address_of(ALICE), user=user_named("alice"))
    entered, now = log_in(request(), proof_of(ALICE)), timezone.now()
    StepUp.objects.create(
        user=entered.user,
        login_session=entered,
        action="withdraw",
        parameters_digest=parameters_digest("withdraw", {"amount": 1}),
        granted_at=now,
        expires_at=now + timedelta(minutes=2),
    )
    return entered


def withdraw(entered: LoginSession, seen: Counter[str]) -> None:
    try:
        use_step_up(login=entered, action="withdraw", parameters={"amount": 1})
    except StepUpNeeded:
        seen["refused"] += 1
    else:
        seen["used"] += 1


def test_a_permission_that_somebody_is_using_is_nobody_elses(shared_books: BaseDatabaseWrapper) -> None:
    entered, seen, using = permission(), Counter[str](), Event()

    def first() -> None:
        with transaction.atomic():
            withdraw(entered, seen)
            using.set()
            time.sleep(0.5)  # the second one finds it unused, and waits for the row

    def second() -> None:
        using.wait()
        withdraw(entered, seen)

    together(shared_books, [first, second])
    assert seen == {"used": 1, "refused": 1}


def test_one_permission_is_used_once(shared_books: BaseDatabaseWrapper) -> None:
    entered, seen = permission(), Counter[str]()

    def attempt() -> None:
        withdraw(entered, seen)

    together(shared_books, [attempt] * 20)
    assert seen == {"used": 1, "refused": 19}


def test_one_ticket_opens_one_socket(shared_books: BaseDatabaseWrapper) -> None:
    allow_wallet(address=address_of(ALICE), user=user_named("alice"))
    entered, seen = log_in(request(), proof_of(ALICE)), Counter[str]()
    issued = issue_ticket(auth=entered, now=timezone.now())

    def attempt() -> None:
        try:
            redeem_ticket(secret=issued.secret, now=timezone.now())
        except DexError:
            seen["refused"] += 1
        else:
            seen["opened"] += 1

    together(shared_books, [attempt] * 20)
    assert seen == {"opened": 1, "refused": 19}


def test_of_many_wallets_that_are_removed_at_once_the_last_one_stays(shared_books: BaseDatabaseWrapper) -> None:
    user, seen = user_named("alice"), Counter[str]()
    wallets = [allow_wallet(address=f"0x{number:040x}", user=user) for number in range(1, 9)]

    def attempt(wallet: Wallet) -> None:
        try:
            remove_wallet(user=user, wallet_id=wallet.pk)
        except LastWallet:
            seen["kept"] += 1
        else:
            seen["removed"] += 1

    together(shared_books, [partial(attempt, wallet) for wallet in wallets])
    assert seen == {"removed": 7, "kept": 1}
    assert Wallet.objects.count() == 1
