"""Making, using and revoking API tokens."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from api.permissions import SCOPES
from wallet.digests import digest_of
from wallet.errors import UnknownTokenError, WrongTokenRequest
from wallet.models import ApiToken
from wallet.services.events import note
from wallet.signals import tell_access_ended

SECRET_START = "dex_"  # noqa: S105  (the part that is no secret)
SECRET_BYTES = 32
SHOWN = 10
USE_INTERVAL = timedelta(minutes=1)
MOST_DAYS = 3_650
MOST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """``secret`` is told here and kept nowhere."""

    token: ApiToken
    secret: str


def create_token(*, user: User, name: str, scopes: Iterable[str], days: int | None = None) -> Created:
    """A token of ``user`` that expires after ``days``, or never. Raises ``WrongTokenRequest``."""
    wanted = set(scopes)
    if not wanted or not wanted <= set(SCOPES):
        raise WrongTokenRequest(f"scopes are some of {', '.join(SCOPES)}")
    if not 1 <= len(name) <= MOST_NAME or not name.isprintable():
        raise WrongTokenRequest(f"a token's name has 1 to {MOST_NAME} printable characters")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise WrongTokenRequest(f"a token lives 1 to {MOST_DAYS} days")
    secret = SECRET_START + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        granted=[scope for scope in SCOPES if scope in wanted],
        digest=digest_of(secret),
        prefix=secret[:SHOWN],
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    note("token_made", user=user.username, token=token.pk, scopes="+".join(token.granted))
    return Created(token=token, secret=secret)


def revoke_token(*, user: User, token_id: int) -> ApiToken:
    """Ends it for good; again changes nothing. Raises ``UnknownTokenError``."""
    token = ApiToken.objects.filter(user=user, pk=token_id).first()
    if token is None:
        raise UnknownTokenError(f"{user.username} has no token {token_id}")
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        tell_access_ended()
        note("token_revoked", user=user.username, token=token.pk)
    return token


def note_use(token: ApiToken, now: datetime) -> None:
    """Write down that it was used, at most once a minute whatever the number of requests."""
    before = now - USE_INTERVAL
    if token.last_used_at is None or token.last_used_at < before:
        late = Q(last_used_at=None) | Q(last_used_at__lt=before)
        ApiToken.objects.filter(late, pk=token.pk).update(last_used_at=now)
