"""One object of the user who asks; anyone else's is not there."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import QuerySet
from rest_framework.request import Request

from api.errors import NotFound
from api.parameters import MOST_NUMBER
from api.statements import compiled

R = TypeVar("R")


def user_of(request: Request) -> User:
    """The user of an authenticated request."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the view lets nobody in without a token")
    return user


def find(owned: Callable[[int], QuerySet[Any, R]], user_id: int, pk: int) -> R:
    """The object, to be changed; raises ``NotFound``."""
    return _first(owned, user_id, pk, list(owned(user_id).filter(pk=pk)))


def find_row(owned: Callable[[int], QuerySet[Any, R]], user_id: int, pk: int) -> R:
    """``find`` of a row, to be shown."""
    found: list[R] = _row(owned)(user_id, pk) if pk <= MOST_NUMBER else []
    return _first(owned, user_id, pk, found)


def require(owned: Callable[[int], QuerySet[Any, Any]], user_id: int, pk: int) -> None:
    """``find`` of what only has to be there."""
    _first(owned, user_id, pk, _key(owned)(user_id, pk) if pk <= MOST_NUMBER else [])


@cache
def _row(owned: Callable[[int], QuerySet[Any, R]]) -> Callable[[int, int], list[R]]:
    return compiled(lambda user_id, pk: owned(user_id).filter(pk=pk))


@cache
def _key(owned: Callable[[int], QuerySet[Any, Any]]) -> Callable[[int, int], list[int]]:
    return compiled(lambda user_id, pk: owned(user_id).filter(pk=pk).values_list("pk", flat=True))


def _first(owned: Callable[[int], QuerySet[Any, Any]], user_id: int, pk: int, found: list[R]) -> R:
    if not found:
        raise NotFound(f"you have no {owned(user_id).model._meta.verbose_name} {pk}")
    return found[0]
