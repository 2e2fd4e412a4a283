"""Messages to be signed: made once, and answered once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from wallet.digests import digest_of
from wallet.errors import ChallengeOver, WrongLoginChain
from wallet.models import LoginChallenge, LoginSession, Purpose
from wallet.networks import login_networks
from wallet.services.messages import Terms, message_text

MOST_MESSAGE = 4_096
"""Characters; nothing looks at a message that is longer."""

NONCE_BYTES = 16
KEPT = timedelta(hours=1)
LOGIN_STATEMENT = "Log in to your trading bot. This signature moves no money."


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step-up's message says beyond that of a login: see ``wallet.services.step_up``."""

    login: LoginSession
    action: dict[str, Any]
    statement: str
    resources: Sequence[str]


def issue_login_challenge(*, address: str, chain_id: int, origin: str, binding: str, now: datetime) -> LoginChallenge:
    """A message with which the key of ``address`` logs in at ``origin``, one of our own.

    ``binding`` is the secret of the browser that asked. Raises ``WrongLoginChain``.
    """
    networks = login_networks()
    if chain_id not in networks:
        names = ", ".join(f"{network.name} ({known})" for known, network in networks.items())
        raise WrongLoginChain(f"the wallet is on chain {chain_id}; this bot knows {names}", accepted=list(networks))
    return _issue(
        purpose=Purpose.LOGIN,
        address=address,
        chain_id=chain_id,
        origin=origin,
        binding=digest_of(binding),
        statement=LOGIN_STATEMENT,
        now=now,
    )


def issue_step_up_challenge(*, step: Step, origin: str, now: datetime) -> LoginChallenge:
    """A message with which the wallet of ``step.login`` allows one action, from that login alone."""
    login = step.login
    return _issue(
        purpose=Purpose.STEP_UP,
        address=login.wallet.address,
        chain_id=login.chain_id,
        origin=origin,
        binding=login.key_digest,
        statement=step.statement,
        resources=step.resources,
        now=now,
        action=step.action,
        user=login.user,
        login_session=login,
    )


def consume_challenge(*, message: str, purpose: Purpose, binding: str, origin: str) -> LoginChallenge:
    """The challenge whose text is ``message``, byte for byte, used up by this call and by no other.

    ``binding`` is the digest of what the browser shows for itself; a browser that did not ask uses nothing up. Times
    are judged by the database's clock, which all processes share. Nothing is parsed. Raises ``ChallengeOver``.
    """
    if len(message) > MOST_MESSAGE:
        raise ChallengeOver(f"a message has at most {MOST_MESSAGE} characters")
    asked = Q(digest=digest_of(message), purpose=purpose, binding=binding, origin=origin)
    challenge = LoginChallenge.objects.filter(asked).first()
    if challenge is None:
        raise ChallengeOver("this browser did not ask for that message: ask for a new one")
    open_now = Q(pk=challenge.pk, consumed_at__isnull=True, issued_at__lte=Now(), expires_at__gt=Now())
    if LoginChallenge.objects.filter(open_now).update(consumed_at=Now()) != 1:
        raise ChallengeOver("that message was used already or is too old: ask for a new one")
    return challenge


def _issue(*, statement: str, resources: Sequence[str] = (), now: datetime, **fields: Any) -> LoginChallenge:
    LoginChallenge.objects.filter(expires_at__lt=now - KEPT).delete()
    # Whole seconds, as the message tells them: by the database's clock, too, they have begun.
    issued_at = now.replace(microsecond=0)
    expires_at = issued_at + timedelta(seconds=settings.LOGIN_CHALLENGE_SECONDS)
    nonce = secrets.token_hex(NONCE_BYTES)
    message = message_text(
        Terms(
            origin=fields["origin"],
            address=fields["address"],
            chain_id=fields["chain_id"],
            nonce=nonce,
            statement=statement,
            issued_at=issued_at,
            expires_at=expires_at,
            resources=resources,
        )
    )
    return LoginChallenge.objects.create(
        nonce=nonce,
        message=message,
        digest=digest_of(message),
        issued_at=issued_at,
        expires_at=expires_at,
        **fields,
    )
