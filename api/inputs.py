"""What a request's body may hold: exactly the fields that are named, of exactly the JSON types that are named."""

from collections.abc import Mapping
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.request import Request

MOST_LINE = 200
MOST_NUMBER = 2**63 - 1


class Input(serializers.Serializer[Any]):
    """A body. Fields that it does not name are refused."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError({name[:80]: ["there is no such field"] for name in unknown[:20]})
        return super().to_internal_value(data)


class NoInput(Input):
    """An action that takes nothing: no body, or an empty object."""


def body(request: Request, shape: type[Input]) -> dict[str, Any]:
    """The validated body of ``request``; raises ``ValidationError`` and ``ParseError``, which are answered with 400."""
    return checked(request.data, shape)


def checked(data: Any, shape: type[Input]) -> dict[str, Any]:
    """What a body of the JSON value ``data`` says; raises ``ValidationError``."""
    serializer = shape(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class Line(serializers.CharField):
    """A JSON string without control characters, not trimmed beyond what ``trim_whitespace`` says."""

    def __init__(self, *, max_length: int = MOST_LINE, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None:
            if not isinstance(data, str):
                self.fail("invalid")
            if any(ord(character) < 32 or ord(character) == 127 for character in data):
                raise serializers.ValidationError("control characters are not allowed")
        return super().run_validation(data)


class Pattern(Line):
    """A JSON string that the regular expression (ASCII, anchored) matches whole; ``wanted`` says in words what does."""

    def __init__(
        self, regex: str, *, wanted: str = "This value does not match the required pattern.", **kwargs: Any
    ) -> None:
        super().__init__(trim_whitespace=False, **kwargs)
        self.validators.append(RegexValidator(regex, message=wanted))


class WholeNumber(serializers.IntegerField):
    """A JSON number without fraction, or exponent, within bounds; no text and no boolean."""

    def __init__(self, *, min_value: int = 0, max_value: int = MOST_NUMBER, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return int(data)


class Flag(serializers.BooleanField):
    """JSON's ``true`` or ``false`` and nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:80])
        return bool(data)
