"""Tickets that open one WebSocket each: the secret travels in an address, so it is worth nothing a moment later."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models.functions import Now

from wallet.digests import digest_of
from wallet.errors import TicketRefused
from wallet.models import ApiToken, LoginSession, SocketTicket
from wallet.selectors.login_sessions import live_logins
from wallet.services.events import note

VALID = timedelta(seconds=30)
KEPT = timedelta(hours=1)
SECRET_BYTES = 32
MOST_SECRET = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """``secret`` is told here and kept nowhere."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Who may listen: a user, by a login or by a token. A socket asks ``still_admitted`` now and then."""

    user: User
    login: LoginSession | None
    token: ApiToken | None

    @property
    def scopes(self) -> frozenset[str]:
        auth = self.login or self.token
        return frozenset() if auth is None else auth.scopes


def issue_ticket(*, auth: LoginSession | ApiToken, now: datetime) -> Issued:
    """A ticket for whoever is here with ``auth``, valid for 30 seconds and once."""
    SocketTicket.objects.filter(expires_at__lt=now - KEPT).delete()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    ticket = SocketTicket.objects.create(
        user=auth.user,
        login_session=auth if isinstance(auth, LoginSession) else None,
        token=auth if isinstance(auth, ApiToken) else None,
        digest=digest_of(secret),
        expires_at=now + VALID,
    )
    return Issued(secret=secret, expires_at=ticket.expires_at)


def redeem_ticket(*, secret: str, now: datetime) -> Admitted:
    """Whose ticket it is; it is useless from then on. Raises ``TicketRefused``."""
    known = SocketTicket.objects.filter(digest=digest_of(secret[:MOST_SECRET]))
    if known.filter(used_at=None, expires_at__gt=Now()).update(used_at=Now()) != 1:
        note("ticket_refused", refused=True)
        raise TicketRefused("this ticket is unknown, used or over")
    ticket = known.select_related("user", "login_session", "token").get()
    admitted = Admitted(user=ticket.user, login=ticket.login_session, token=ticket.token)
    if not still_admitted(admitted, now=now):
        note("ticket_refused", refused=True, user=ticket.user.username)
        raise TicketRefused("this login or token has ended")
    return admitted


def still_admitted(admitted: Admitted, *, now: datetime) -> bool:
    """Whether the login has not ended, or the token is still valid, as the database says now."""
    if admitted.login is not None:
        return live_logins(now=now).filter(pk=admitted.login.pk).exists()
    if admitted.token is None:
        return False
    token = ApiToken.objects.select_related("user").filter(pk=admitted.token.pk).first()
    return token is not None and token.is_valid_at(now) and token.user.is_active
