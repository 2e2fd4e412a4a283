from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet

from wallet.digests import digest_of
from wallet.models import ApiToken


def valid_token(*, secret: str, now: datetime) -> ApiToken | None:
    """The token of that secret with its user, None where it is unknown, revoked, expired, or its user is inactive."""
    token = ApiToken.objects.select_related("user").filter(digest=digest_of(secret)).first()
    if token is None or not token.is_valid_at(now) or not token.user.is_active:
        return None
    return token


def tokens_of(*, user: User) -> QuerySet[ApiToken]:
    """The newest first, revoked and expired ones too."""
    return ApiToken.objects.filter(user=user).order_by("-pk")
