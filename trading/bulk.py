"""Writing many rows in one statement."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

_MOST_ROWS = 1000
_INSERTED_TOGETHER = 100


def write_values(model: type[models.Model], columns: Sequence[str], rows: Mapping[int, Sequence[Any]]) -> None:
    """Set ``columns`` of the row with each primary key to the values beside it, in one statement a thousand rows.

    ``bulk_update`` does the same with a CASE for every row, which takes both Django and the database far longer.
    """
    fields = [model._meta.get_field(column) for column in columns]
    items = list(rows.items())
    for start in range(0, len(items), _MOST_ROWS):
        _write(model, fields, items[start : start + _MOST_ROWS])


def _write(model: type[models.Model], fields: Sequence[Any], items: Sequence[tuple[int, Sequence[Any]]]) -> None:
    quoted = connection.ops.quote_name
    names = [quoted(field.column) for field in fields]
    places = f"({', '.join(['%s'] * (1 + len(fields)))})"
    sets = [f"{name} = {_typed(f'v.{name}', field)}" for name, field in zip(names, fields, strict=True)]
    table = quoted(model._meta.db_table)
    # Every part is a name or a type of ours; the values are parameters.
    statement = (
        f"WITH v(id, {', '.join(names)}) AS (VALUES {', '.join([places] * len(items))}) "  # noqa: S608
        f"UPDATE {table} SET {', '.join(sets)} FROM v WHERE {table}.id = v.id"
    )
    parameters = [
        value
        for pk, values in items
        for value in (
            pk,
            *(field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)),
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _typed(name: str, field: Any) -> str:
    """PostgreSQL takes a column of NULLs for text unless it is told otherwise."""
    if connection.vendor != "postgresql":
        return name
    return f"CAST({name} AS {field.db_type(connection).split('(')[0]})"


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved ``rows`` of one model, in one statement a hundred, and give each its primary key.

    ``bulk_create`` hands every column over as an array on PostgreSQL, and quoting arrays in Python takes longer than
    everything else; here one JSON value that many rows share is encoded once. Defaults of columns are the model's.
    """
    encoded: dict[int, str] = {}
    for start in range(0, len(rows), _INSERTED_TOGETHER):
        _insert(rows[start : start + _INSERTED_TOGETHER], encoded)


def _insert(rows: Sequence[models.Model], encoded: dict[int, str]) -> None:
    meta = type(rows[0])._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    quoted = connection.ops.quote_name
    places = f"({', '.join(['%s'] * len(fields))})"
    statement = (
        f"INSERT INTO {quoted(meta.db_table)} ({', '.join(quoted(str(field.column)) for field in fields)}) "  # noqa: S608
        f"VALUES {', '.join([places] * len(rows))} RETURNING {quoted(str(meta.pk.column))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_prepared(field, row, encoded) for row in rows for field in fields])
        ids = cursor.fetchall()
    for row, (pk,) in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias


def _prepared(field: Any, row: models.Model, encoded: dict[int, str]) -> Any:
    value = getattr(row, field.attname)
    if not isinstance(field, models.JSONField):
        return field.get_db_prep_save(value, connection)
    # The rows keep their values alive, so an identity is not used twice.
    text = encoded.get(id(value))
    if text is None:
        text = encoded[id(value)] = json.dumps(value)
    return text
