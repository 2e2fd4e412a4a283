"""Logins after they were made: seen, and ended."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from wallet.digests import kept_session_key
from wallet.errors import UnknownLogin
from wallet.models import LoginSession
from wallet.selectors.login_sessions import live_login, live_logins
from wallet.services.events import note
from wallet.signals import tell_access_ended

SEEN_INTERVAL = timedelta(minutes=1)
KEPT = timedelta(days=90)
MOST_KEY = 64
_CURRENT = "_wallet_login"


def current_login(request: HttpRequest) -> LoginSession | None:
    """The login whose session cookie came with ``request``, looked up once a request."""
    if not hasattr(request, _CURRENT):
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        setattr(request, _CURRENT, login_with_key(key, timezone.now()))
    found: LoginSession | None = getattr(request, _CURRENT)
    return found


def login_with_key(session_key: str, now: datetime) -> LoginSession | None:
    """The live login of that session, noted as seen."""
    if not 0 < len(session_key) <= MOST_KEY or not session_key.isalnum():
        return None
    login = live_login(session_key=session_key, now=now)
    if login is not None:
        note_seen(login, now)
    return login


def note_seen(login: LoginSession, now: datetime) -> None:
    """Put off its idle end, at most once a minute whatever the number of requests."""
    before = now - SEEN_INTERVAL
    if login.last_seen_at < before:
        # One that another process found idle, or ended, in the meantime stays so.
        live_logins(now=now).filter(pk=login.pk, last_seen_at__lt=before).update(last_seen_at=now)


def revoke_login(*, user: User, login_id: int, now: datetime) -> None:
    """Ends a login of ``user``, so that its browser is nobody's at once. Raises ``UnknownLogin``."""
    login = LoginSession.objects.filter(user=user, pk=login_id, revoked_at=None).first()
    if login is None:
        raise UnknownLogin("there is no such login")
    end_logins([login], now=now)
    note("login_revoked", user=user.username, login=login.pk)


def revoke_other_logins(*, login: LoginSession, now: datetime) -> int:
    """Ends all logins of the user but ``login``; how many there were."""
    others = list(LoginSession.objects.filter(user=login.user, revoked_at=None).exclude(pk=login.pk))
    end_logins(others, now=now)
    note("other_logins_revoked", user=login.user.username, kept=login.pk, count=len(others))
    return len(others)


def forget_old_logins(*, now: datetime) -> None:
    """Deletes what ended by itself: sessions at once, logins after ``KEPT``."""
    Session.objects.filter(expire_date__lt=now).delete()
    LoginSession.objects.filter(ends_at__lt=now - KEPT).delete()


def end_logins(logins: Iterable[LoginSession], *, now: datetime) -> None:
    """Mark ``logins`` as revoked and delete their Django sessions."""
    ended = {login.key_digest: login.pk for login in logins}
    if not ended:
        return
    LoginSession.objects.filter(pk__in=ended.values(), revoked_at=None).update(revoked_at=now)
    Session.objects.filter(session_key__in=[kept_session_key(digest) for digest in ended]).delete()
    tell_access_ended()
