"""From a signed message to a login."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login as django_login
from django.contrib.auth import logout as django_logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from wallet.digests import digest_of, session_digest
from wallet.errors import LoginRefused, NotAllowed, WrongSignature
from wallet.models import LoginChallenge, LoginSession, Purpose, Wallet
from wallet.selectors.wallets import login_wallets
from wallet.services.bootstrap import use_token
from wallet.services.challenges import consume_challenge
from wallet.services.events import note
from wallet.services.login_sessions import current_login, end_logins, forget_old_logins
from wallet.services.signatures import signer_of
from wallet.visitors import Visitor, visitor_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a browser shows: ``message`` as it was given out, ``signature`` as 0x hex, ``binding`` from the cookie that
    came with the message, ``origin`` the page's own, and ``bootstrap`` from the link of a first login."""

    message: str
    signature: str
    binding: str
    origin: str
    bootstrap: str | None = None


def log_in(request: HttpRequest, proof: Proof) -> LoginSession:
    """Logs in the browser of ``request``, under a session key that it never had before.

    Raises ``ChallengeOver``, ``WrongSignature`` and ``NotAllowed``; the message is used up by all but the first.
    """
    visitor = visitor_of(request)
    try:
        challenge = prove(proof, purpose=Purpose.LOGIN, binding=digest_of(proof.binding))
        login = _enter(request, challenge, proof, visitor)
    except LoginRefused as error:
        note("login_refused", refused=True, reason=error.code, detail=error, client=visitor.address)
        raise
    forget_old_logins(now=login.created_at)
    note("login", user=login.user.username, address=login.wallet.address, login=login.pk, client=visitor.address)
    return login


def prove(proof: Proof, *, purpose: Purpose, binding: str) -> LoginChallenge:
    """The challenge that ``proof`` answers, by the key of its address. ``binding`` is a digest.

    Raises ``ChallengeOver`` and ``WrongSignature``.
    """
    challenge = consume_challenge(message=proof.message, purpose=purpose, binding=binding, origin=proof.origin)
    signer = signer_of(text=challenge.message, signature=proof.signature)
    if signer != challenge.address:
        raise WrongSignature(f"{challenge.address} did not sign this: check which account your wallet uses")
    return challenge


def log_out(request: HttpRequest) -> None:
    """Ends the login of ``request``; without one nothing happens."""
    login = current_login(request)
    if login is not None:
        end_logins([login], now=timezone.now())
        note("logout", user=login.user.username, login=login.pk)
    django_logout(request)


@transaction.atomic
def _enter(request: HttpRequest, challenge: LoginChallenge, proof: Proof, visitor: Visitor) -> LoginSession:
    wallet = _admitted(challenge.address, proof.bootstrap)
    now = timezone.now()
    before = current_login(request)
    if before is not None:
        end_logins([before], now=now)
    # Django keeps the key, and what an anonymous session held, when the same user logs in again.
    request.session.flush()
    django_login(request, wallet.user, backend=BACKEND)
    return LoginSession.objects.create(
        user=wallet.user,
        wallet=wallet,
        chain_id=challenge.chain_id,
        key_digest=session_digest(str(request.session.session_key)),
        created_at=now,
        last_seen_at=now,
        ends_at=now + settings.LOGIN_ABSOLUTE,
        client_address=visitor.address,
        user_agent=visitor.agent,
    )


def _admitted(address: str, bootstrap: str | None) -> Wallet:
    # Locked: who takes the wallet away must find the login that is made with it.
    wallet = login_wallets().select_for_update(of=("self",)).filter(address=address).first()
    if wallet is None:
        if bootstrap is None:
            raise NotAllowed(f"{address} may not log in: `manage.py wallet_allow {address}` lets it")
        return use_token(secret=bootstrap, address=address)
    if not wallet.user.is_active:
        raise NotAllowed(f"{address} may not log in: its user is switched off")
    return wallet
