"""Requests that are sent again, because their answer was lost: they come to what they came to the first time."""

from django.contrib.auth.models import User

from paper_trading.models import BotSession, RequestKind, SessionRequest


def came_to(*, user: User, kind: RequestKind, key: str) -> BotSession | None:
    """The session of the request with that key; None for a new one, and for one without a key."""
    if key == "":
        return None
    known = SessionRequest.objects.select_related("session__account").filter(user=user, kind=kind, key=key).first()
    return None if known is None else known.session


def keep(*, user: User, kind: RequestKind, key: str, session: BotSession) -> BotSession:
    """The session that the request stands for: of two that come at once that of the first one."""
    if key == "":
        return session
    kept, _ = SessionRequest.objects.get_or_create(user=user, kind=kind, key=key, defaults={"session": session})
    return kept.session
