"""Exact integers in the database, on SQLite and on Postgres alike.

SQLite has no integer wider than 64 bits and Django's DecimalField goes through float there, so values are kept as
fixed-width decimal text, shifted by the field's minimum: text order is then number order. Postgres has numeric.
Arithmetic in the database (``F("amount") + 1``) would add up shifted text, so it is refused; ``ExactSum`` is the one
sum that is right on both.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import CombinedExpression

ST = TypeVar("ST", contravariant=True)
GT = TypeVar("GT", covariant=True)

if TYPE_CHECKING:
    GenericField = models.Field
else:

    class GenericField(models.Field):
        """The types of what is set and got are the type checker's affair; Django's own class takes none."""

        def __class_getitem__(cls, _: object) -> type:
            return cls


UINT256_MAX = 2**256 - 1
SUM_LIMIT = 10**96
"""No sum of uint256 amounts over fewer than 10^18 rows can pass it."""

LOOKUPS = frozenset({"exact", "in", "lt", "lte", "gt", "gte", "range", "isnull"})


class ExactIntegerField(GenericField[ST, GT]):
    """An ``int`` between ``minimum`` and ``maximum``; subclasses set both.

    Only ``int`` is taken: ``bool``, ``float`` and ``str`` raise TypeError, a value out of range raises ValueError.
    """

    minimum: int
    maximum: int
    _pyi_private_set_type: int
    _pyi_private_get_type: int
    _pyi_lookup_exact_type: int

    @classmethod
    def width(cls) -> int:
        """Decimal digits of the widest stored value."""
        return len(str(cls.maximum - cls.minimum))

    @classmethod
    def encode(cls, value: int) -> str:
        """Text whose order is the order of the numbers.

        >>> Uint256Field.encode(7)[-3:], SignedAmountField.encode(-1) < SignedAmountField.encode(0)
        ('007', True)
        """
        return f"{value - cls.minimum:0{cls.width()}d}"

    @classmethod
    def decode(cls, text: str) -> int:
        return int(text) + cls.minimum

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        if connection.vendor == "sqlite":
            return f"varchar({self.width()})"
        return f"numeric({self.width()},0)"

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        column = connection.ops.quote_name(str(self.column))
        if connection.vendor == "sqlite":
            digits = f"length({column}) = {self.width()} AND {column} NOT GLOB '*[^0-9]*'"
            return f"{digits} AND {column} <= '{self.encode(self.maximum)}'"
        return f"{column} >= {self.minimum} AND {column} <= {self.maximum}"

    def get_prep_value(self, value: Any) -> Any:
        if type(value) is not int:
            value = super().get_prep_value(value)
            if value is None or hasattr(value, "resolve_expression"):
                return value
            raise TypeError(f"{self.name or type(self).__name__} takes int, not {type(value).__name__}")
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{self.name or type(self).__name__} cannot hold {value}")
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        exact = value if prepared else self.get_prep_value(value)
        if type(exact) is int and connection.vendor == "sqlite":
            return self.encode(exact)
        return exact

    def from_db_value(self, value: Any, expression: object, connection: BaseDatabaseWrapper) -> int | None:
        if value is None:
            return None
        return self.decode(value) if isinstance(value, str) else int(value)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if isinstance(value, CombinedExpression):
            raise TypeError("exact integers are not computed in the database: SQLite holds them as shifted text")
        return super().get_db_prep_save(value, connection)

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name in LOOKUPS else None

    def to_python(self, value: Any) -> Any:
        """From a form or a fixture: an int, or its decimal text."""
        if value is None:
            return None
        if isinstance(value, str) and value.strip().removeprefix("-").isdecimal():
            value = int(value)
        if type(value) is not int or not self.minimum <= value <= self.maximum:
            raise ValidationError(
                "%(value)s is not a whole number in range", code="invalid", params={"value": str(value)[:100]}
            )
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


class Uint256Field(ExactIntegerField[ST, GT]):
    """A Solidity uint256: token base units, wei."""

    description = "256-bit unsigned integer"
    minimum = 0
    maximum = UINT256_MAX


class SignedAmountField(ExactIntegerField[ST, GT]):
    """A uint256 amount with a direction, for the ledger."""

    description = "signed 256-bit amount"
    minimum = -UINT256_MAX
    maximum = UINT256_MAX


class SumField(ExactIntegerField[ST, GT]):
    """What ``ExactSum`` gives; never a column."""

    minimum = -SUM_LIMIT
    maximum = SUM_LIMIT
