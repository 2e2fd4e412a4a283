"""Requests that are sent again, because their answer was lost: they come to what they came to the first time."""

from django.contrib.auth.models import User

from paper_trading.errors import WrongRequest
from paper_trading.models import BotSession, RequestKind, SessionRequest


def came_to(*, user: User, kind: RequestKind, key: str, asked: str = "") -> BotSession | None:
    """The session of the request with that key; None for a new one, and for one without a key.

    Raises ``WrongRequest`` where the key was given to a request that asked for something else.
    """
    if key == "":
        return None
    known = SessionRequest.objects.select_related("session__account").filter(user=user, kind=kind, key=key).first()
    if known is None:
        return None
    if known.asked != asked:
        raise WrongRequest("this key was used for a request that asked for something else", "Idempotency-Key")
    return known.session


def keep(*, user: User, kind: RequestKind, key: str, session: BotSession, asked: str = "") -> BotSession:
    """The session that the request stands for: of two that come at once that of the first one."""
    if key == "":
        return session
    first = {"session": session, "asked": asked}
    kept, _ = SessionRequest.objects.get_or_create(user=user, kind=kind, key=key, defaults=first)
    return kept.session
