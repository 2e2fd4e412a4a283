"""One object of the user who asks; anyone else's is not there."""

from typing import TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from rest_framework.request import Request

from api.errors import NotFound

M = TypeVar("M", bound=Model)


def user_of(request: Request) -> User:
    """The user of an authenticated request."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the view lets nobody in without a token")
    return user


def find(owned: QuerySet[M], pk: int) -> M:
    """The row of ``owned``, a queryset of ``selectors.owned``; raises ``NotFound``."""
    row = owned.filter(pk=pk).first()
    if row is None:
        raise NotFound(f"you have no {owned.model._meta.verbose_name} {pk}")
    return row
