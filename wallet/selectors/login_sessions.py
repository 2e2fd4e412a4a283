from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import Exists, QuerySet

from wallet.digests import session_digest, stored_session_key
from wallet.models import LoginSession


def live_logins(*, now: datetime) -> QuerySet[LoginSession]:
    """Those that were not ended and have not ended by themselves, being idle or old, of users that are active."""
    return LoginSession.objects.filter(
        revoked_at=None, ends_at__gt=now, last_seen_at__gt=now - settings.LOGIN_IDLE, user__is_active=True
    )


def live_login(*, session_key: str, now: datetime) -> LoginSession | None:
    """The login of that session cookie, with its user and wallet, None where there is none any more."""
    session = Session.objects.filter(session_key=stored_session_key(session_key), expire_date__gt=now)
    found = live_logins(now=now).filter(Exists(session), key_digest=session_digest(session_key))
    return found.select_related("user", "wallet").first()


def logins_of(*, user: User, now: datetime) -> QuerySet[LoginSession]:
    """The user's live ones, unordered."""
    return live_logins(now=now).filter(user=user)
