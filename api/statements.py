"""Queries that are written once: Django takes longer to write a statement than the database to answer it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet
from django.db.models.query import FlatValuesListIterable, NamedValuesListIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.utils import create_namedtuple_class

P = ParamSpec("P")
R = TypeVar("R")
KEPT = 64
"""Statements of each kind that the process keeps: one for each length of the lists that are asked for."""


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a call, by its place among all of them."""

    place: int


class Slot(Expression):
    """Where an argument goes: a value, or as many as the list has that stands there; ``start`` is the first's place."""

    def __init__(self, start: int, length: int | None) -> None:
        super().__init__()
        self.start, self.length = start, length

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        if self.length == 0:
            raise EmptyResultSet
        length = 1 if self.length is None else self.length
        marks = ", ".join(["%s"] * length)
        return f"({marks})", [Given(self.start + i) for i in range(length)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """``parameters`` are given ones, and values that are always the same; ``width`` is the number of columns
    that were asked for: Django may put what it orders by behind them. ``converters`` are Django's, by column."""

    sql: str
    parameters: tuple[Any, ...]
    width: int
    converters: tuple[tuple[int, Callable[..., Any], Any], ...]
    row: Callable[[Any], Any]

    def rows(self, values: list[Any]) -> list[Any]:
        given = [values[one.place] if isinstance(one, Given) else one for one in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given)
            found = cursor.fetchall()
        return [self.row(self._converted(list(one[: self.width]))) for one in found]

    def _converted(self, values: list[Any]) -> list[Any]:
        for place, convert, expression in self.converters:
            values[place] = convert(values[place], expression, connection)
        return values


def compiled(make: Callable[P, QuerySet[Any, R]]) -> Callable[P, list[R]]:
    """The rows of the queryset that ``make`` gives, whose SQL is written at the first call alone.

    Its arguments, given by position, are whole numbers, texts, or lists of them, and only compared with columns: they
    must fit those, and ``make`` is called once with slots in their place. The queryset is a ``values_list``.
    """

    @lru_cache(maxsize=KEPT)
    def statement(vendor: str, shape: tuple[int | None, ...]) -> Statement | None:
        return _written(make(*_slots(shape)))  # type: ignore[call-arg, arg-type]

    @wraps(make)
    def ask(*args: P.args, **_: P.kwargs) -> list[R]:
        shape: list[int | None] = []
        values: list[Any] = []
        for one in args:
            if isinstance(one, int | str):
                shape.append(None)
                values.append(one)
            else:
                many = list(one)  # type: ignore[call-overload]
                shape.append(len(many))
                values += many
        found = statement(connection.vendor, tuple(shape))
        return [] if found is None else found.rows(values)

    return ask


def _slots(shape: tuple[int | None, ...]) -> Iterator[Slot]:
    place = 0
    for length in shape:
        yield Slot(place, length)
        place += 1 if length is None else length


def _written(queryset: QuerySet[Any, Any]) -> Statement | None:
    """None for what no row can match."""
    compiler = queryset.query.get_compiler(connection=connection)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    converters = compiler.get_converters([expression for expression, *_ in compiler.select])
    return Statement(
        sql=sql,
        parameters=tuple(parameters),
        width=len(compiler.select),
        converters=tuple((place, one, of) for place, (several, of) in converters.items() for one in several),
        row=_row(queryset),
    )


def _row(queryset: QuerySet[Any, Any]) -> Callable[[Any], Any]:
    kind = queryset._iterable_class
    if kind is NamedValuesListIterable:
        return create_namedtuple_class(*queryset._fields)._make  # type: ignore[attr-defined]
    return (lambda values: values[0]) if kind is FlatValuesListIterable else tuple
