"""Pages by position, not by number: a page costs the same wherever it is and stays put while rows are added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from api.errors import BadRequest

DEFAULT_LIMIT = 25
MOST_LIMIT = 200
MOST_CURSOR = 600
NEXT, PREVIOUS = "n", "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By ``column`` (never null) and, where that is equal, by id, both in the same direction."""

    column: str
    descending: bool

    def columns(self, *, reverse: bool) -> list[str]:
        sign = "-" if self.descending != reverse else ""
        return [f"{sign}{name}" for name in ([self.column] if self.column == "id" else [self.column, "id"])]

    def after(self, key: Any, pk: int, *, reverse: bool) -> Q:
        """The rows that come after (key, pk)."""
        way = "lt" if self.descending != reverse else "gt"
        if self.column == "id":
            return Q(**{f"id__{way}": pk})
        # The first term alone lets an index on the column find where to begin.
        begins = Q(**{f"{self.column}__{way}e": key})
        return begins & (Q(**{f"{self.column}__{way}": key}) | Q(**{f"id__{way}": pk}))

    def position(self, row: Any) -> tuple[Any, int]:
        value: Any = row
        for part in self.column.split("__"):
            value = getattr(value, part)
        return value, row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``rows`` in the order that was asked for, and the cursors of the pages beside it, None where there is none."""

    rows: Sequence[Any]
    next: str | None
    previous: str | None


def read_page(queryset: QuerySet[Any, Any], *, order: Order, cursor: str | None, limit: int, salt: str) -> Page:
    """``limit`` rows from ``cursor`` on, in one query. ``salt`` names the list, so that no other list's cursor fits.

    Raises ``BadRequest`` for a cursor that was not made here, or was made for another ordering.
    """
    salt = _salt(salt, order)
    reverse = False
    if cursor is not None:
        direction, key, pk = _open(cursor, salt)
        reverse = direction == PREVIOUS
        queryset = queryset.filter(order.after(key, pk, reverse=reverse))
    found = list(queryset.order_by(*order.columns(reverse=reverse))[: limit + 1])
    rows, more = found[:limit], len(found) > limit
    if reverse:
        rows.reverse()
    if not rows:
        return Page(rows=rows, next=None, previous=None)
    has_next, has_previous = (True, more) if reverse else (more, cursor is not None)
    return Page(
        rows=rows,
        next=_seal(NEXT, order.position(rows[-1]), salt) if has_next else None,
        previous=_seal(PREVIOUS, order.position(rows[0]), salt) if has_previous else None,
    )


def first_page(found: Sequence[Any], *, order: Order, limit: int, salt: str) -> Page:
    """What ``read_page`` gives without a cursor; ``found`` are the first rows in ``order``, one more than ``limit``."""
    following = _seal(NEXT, order.position(found[limit - 1]), _salt(salt, order)) if len(found) > limit else None
    return Page(rows=found[:limit], next=following, previous=None)


def page_url(request: Request, cursor: str | None) -> str | None:
    """The address of this request with another cursor."""
    return None if cursor is None else replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def _salt(salt: str, order: Order) -> str:
    return f"{salt}:{order.column}:{order.descending}"


def _seal(direction: str, position: tuple[Any, int], salt: str) -> str:
    key, pk = position
    tagged = ["t", key.isoformat()] if isinstance(key, datetime) else ["i", str(key)] if _is_whole(key) else ["s", key]
    return signing.Signer(salt=salt).sign_object([direction, *tagged, pk])


def _open(cursor: str, salt: str) -> tuple[str, Any, int]:
    if len(cursor) > MOST_CURSOR:
        raise BadRequest("the cursor is not one of this list", "cursor")
    try:
        direction, kind, text, pk = signing.Signer(salt=salt).unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        raise BadRequest("the cursor is not one of this list", "cursor") from None
    key = datetime.fromisoformat(text) if kind == "t" else int(text) if kind == "i" else text
    return direction, key, pk


def _is_whole(value: object) -> bool:
    return type(value) is int
