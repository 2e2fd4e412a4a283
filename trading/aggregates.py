"""``ExactSum``: the sum of exact integers, computed in the database without losing a digit."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate
from django.db.models.sql.compiler import SQLCompiler

from trading.fields import ExactIntegerField, SumField, Uint256Field


class ExactSum(Aggregate):
    """``SUM`` over a column of an ``ExactIntegerField``; ``None`` over no rows, as in SQL.

    The result compares and sorts as a number on both databases.
    """

    function = "SUM"
    name = "ExactSum"
    allow_distinct = False

    def __init__(self, expression: str, **extra: Any) -> None:
        super().__init__(expression, output_field=SumField[int, int](), **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """Sums the text in parts that fit SQLite's integers; one call per group then carries and encodes.

        A Python aggregate would be called for every row. SQLite raises "integer overflow" past 900,000 rows a group.
        """
        source, condition = self.get_source_expressions()
        if condition is not None or not isinstance(source.output_field, ExactIntegerField):
            raise TypeError("ExactSum adds a whole exact integer column")
        column, params = compiler.compile(source)
        parts = [f"SUM(CAST(substr({column}, {start}, {PART}) AS INTEGER))" for start in PART_STARTS]
        arguments = ", ".join([f"'{source.output_field.minimum}'", f"COUNT({column})", *parts])
        return f"{SQLITE_FUNCTION}({arguments})", [*params] * (len(parts) + 1)


SQLITE_FUNCTION = "exact_sum"
PART = 13
PART_STARTS = range(1, Uint256Field.width() + 1, PART)
"""Both column types are 78 digits wide: six parts of 13."""


def carry(minimum: str, rows: int, *parts: int | None) -> str | None:
    """The sum of ``rows`` shifted values from the sums of their digit groups, most significant first."""
    shifted = 0
    for part in parts:
        if part is None:
            return None
        shifted = shifted * 10**PART + part
    return SumField.encode(shifted + rows * int(minimum))


def register_exact_sum(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """Receiver of ``connection_created``: gives every new SQLite connection the function."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(SQLITE_FUNCTION, -1, carry, deterministic=True)
