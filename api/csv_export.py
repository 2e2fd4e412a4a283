"""Rows as CSV, one batch after the other, so that a long list needs no more memory than a short one."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from rest_framework import serializers

from api.amounts import AmountSchema
from api.streams import streamed

Batches = Callable[[], Iterator[list[dict[str, Any]]]]
Row = Mapping[str, Any]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for a formula at the start of a cell."""

AMOUNT_PARTS = ("text", "raw", "symbol", "token")


def csv_response(request: HttpRequest, *, name: str, row: type[serializers.Serializer[Any]], batches: Batches) -> Any:
    """``name``.csv with one column for each field of ``row``; an amount is four, a list or an object is JSON text."""
    response = streamed(request, _lines(_columns(row), batches()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def cell(value: Any) -> str:
    """Text that no spreadsheet runs.

    >>> cell("=1+1"), cell(-5), cell(None), cell(["a"])
    ("'=1+1", '-5', '', '["a"]')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, separators=(",", ":"))
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def _columns(row: type[serializers.Serializer[Any]]) -> list[tuple[str, str | None]]:
    """(field, part of the amount) of each column; the part is None where the field is no amount."""
    columns: list[tuple[str, str | None]] = []
    for name, field in row().fields.items():
        if isinstance(field, AmountSchema):
            columns.extend((name, part) for part in AMOUNT_PARTS)
        else:
            columns.append((name, None))
    return columns


def _cells(columns: Sequence[tuple[str, str | None]], row: Row) -> list[str]:
    return [_cell(row[name], part) for name, part in columns]


def _cell(value: Any, part: str | None) -> str:
    if part is None or value is None:
        return cell(value)
    # Digits of our own making; the minus sign of a loss must stay a number.
    return str(value[part]) if part in ("text", "raw") else cell(value[part])


def _header(columns: Sequence[tuple[str, str | None]]) -> list[str]:
    return [name if part in (None, "text") else f"{name}_{part}" for name, part in columns]


def _text(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def _lines(columns: Sequence[tuple[str, str | None]], batches: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    yield _text([_header(columns)])
    for batch in batches:
        yield _text([_cells(columns, row) for row in batch])
