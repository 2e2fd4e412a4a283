"""One object of the user who asks; anyone else's is not there."""

from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import QuerySet
from rest_framework.request import Request

from api.errors import NotFound

R = TypeVar("R")


def user_of(request: Request) -> User:
    """The user of an authenticated request."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the view lets nobody in without a token")
    return user


def find(owned: QuerySet[Any, R], pk: int) -> R:
    """The row of ``owned``, a queryset of ``selectors.owned``; raises ``NotFound``."""
    row = next(iter(owned.filter(pk=pk)), None)
    if row is None:
        raise _missing(owned, pk)
    return row


def require(owned: QuerySet[Any, Any], pk: int) -> None:
    """``find`` of what only has to be there."""
    if not owned.filter(pk=pk).exists():
        raise _missing(owned, pk)


def _missing(owned: QuerySet[Any, Any], pk: int) -> NotFound:
    return NotFound(f"you have no {owned.model._meta.verbose_name} {pk}")
