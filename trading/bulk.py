"""Writing many rows in one statement with one parameter: the rows as JSON, which both databases take apart themselves.

``bulk_create`` and ``bulk_update`` hand over every value by itself, and quoting those in Python takes longer than
everything else. Numbers stay exact: PostgreSQL reads a JSON number into a numeric column digit by digit, and SQLite
gets what is wider than 64 bits as text (``trading.fields``). Columns of ``JSONField`` hold lists and objects.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any

from django.db import connection, models

from trading.fields import ExactIntegerField

_MOST_ROWS = 1000


def write_values(model: type[models.Model], columns: Sequence[str], rows: Mapping[int, Sequence[Any]]) -> None:
    """Set ``columns`` of the row with each primary key to the values beside it, in one statement a thousand rows."""
    fields: list[Any] = [model._meta.get_field(column) for column in columns]
    texts = _Texts(fields)
    table, names = _quoted(model._meta.db_table), [_quoted(field.column) for field in fields]
    sets = ", ".join(f"{name} = v.{name}" for name in names)
    # Every part is a name of ours; the values are the parameter.
    statement = f"UPDATE {table} SET {sets} FROM {_source(table, ['id', *names])} AS v WHERE {table}.id = v.id"  # noqa: S608
    items = list(rows.items())
    for start in range(0, len(items), _MOST_ROWS):
        lines = [f'{{"id":{pk},{texts.of(values)}}}' for pk, values in items[start : start + _MOST_ROWS]]
        with connection.cursor() as cursor:
            cursor.execute(statement, [_document(lines)])


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved ``rows`` of one model, in one statement a thousand, and give each its primary key.

    Defaults of columns are the model's.
    """
    if not rows:
        return
    model = type(rows[0])
    attributes = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    ids = insert_values(model, attributes, [[getattr(row, name) for name in attributes] for row in rows])
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """``insert_rows`` of values that nobody needs as objects: the primary keys. ``columns`` are all without a default
    in the database."""
    meta = model._meta
    fields: list[Any] = [meta.get_field(column) for column in columns]
    texts = _Texts(fields)
    table, names = _quoted(meta.db_table), [_quoted(field.column) for field in fields]
    into = ", ".join(names)
    statement = f"INSERT INTO {table} ({into}) SELECT {into} FROM {_source(table, names)} AS v WHERE true RETURNING id"  # noqa: S608
    ids: list[int] = []
    for start in range(0, len(rows), _MOST_ROWS):
        lines = [f"{{{texts.of(values)}}}" for values in rows[start : start + _MOST_ROWS]]
        with connection.cursor() as cursor:
            cursor.execute(statement, [_document(lines)])
            # Numbers are given in the order of the rows; only the order of the answer is nowhere promised.
            ids += sorted(pk for (pk,) in cursor.fetchall())
    return ids


class _Texts:
    """Values of ``fields`` as the members of a JSON object.

    What many rows share is encoded once: the rows keep their values alive, so no identity is used twice.
    """

    def __init__(self, fields: Sequence[Any]) -> None:
        self._members = [(f'"{field.column}":', self._writer(field)) for field in fields]
        self._documents: dict[int, str] = {}
        self._times: dict[datetime, str] = {}

    def of(self, values: Sequence[Any]) -> str:
        return ",".join(
            [
                name + ("null" if value is None else write(value))
                for (name, write), value in zip(self._members, values, strict=True)
            ]
        )

    def _writer(self, field: Any) -> Callable[[Any], str]:
        def saved(value: Any) -> str:
            return json.dumps(field.get_db_prep_save(value, connection), default=datetime.isoformat)

        if isinstance(field, models.JSONField):
            return self._document
        # These take most values as they are; anything else goes the field's own way.
        if isinstance(field, models.CharField | models.TextField):
            return lambda value: encode_basestring_ascii(value) if isinstance(value, str) else saved(value)
        if isinstance(field, ExactIntegerField) and connection.vendor == "postgresql":
            return lambda value: str(field.get_prep_value(value))
        if isinstance(field, models.IntegerField | models.ForeignKey):
            return lambda value: str(value) if type(value) is int else saved(value)
        if isinstance(field, models.DateTimeField):
            return lambda value: self._times.get(value) or self._times.setdefault(value, saved(value))
        return saved

    def _document(self, value: Any) -> str:
        text = self._documents.get(id(value))
        if text is None:
            text = self._documents[id(value)] = json.dumps(value)
        return text


def _source(table: str, names: Sequence[str]) -> str:
    """The rows of the parameter, as a table."""
    if connection.vendor == "postgresql":
        return f"json_populate_recordset(NULL::{table}, %s)"
    parts = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return f"(SELECT {parts} FROM json_each(%s))"  # noqa: S608


def _document(lines: Sequence[str]) -> str:
    return "[" + ",".join(lines) + "]"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
