"""Query parameters: every one is named, parsed strictly, and documented by the same value."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from api.errors import ApiError

MOST_NUMBER = 2**63 - 1
MOST_TEXT = 200
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """``parse`` takes the text and raises ``ValueError`` with one line; ``schema`` is its OpenAPI schema."""

    parse: Callable[[str], Any]
    schema: Mapping[str, Any]
    description: str = ""
    required: bool = False
    default: Any = field(default=None)


def whole(
    *,
    minimum: int = 0,
    maximum: int = MOST_NUMBER,
    description: str = "",
    required: bool = False,
    default: int | None = None,
) -> Parameter:
    """A whole number in plain ASCII digits."""

    def parse(text: str) -> int:
        if _DIGITS.fullmatch(text) is None or not minimum <= int(text) <= maximum:
            raise ValueError(f"a whole number from {minimum} to {maximum}")
        return int(text)

    schema: dict[str, Any] = {"type": "integer", "minimum": minimum, "maximum": maximum}
    if default is not None:
        schema["default"] = default
    return Parameter(parse=parse, schema=schema, description=description, required=required, default=default)


def choice(
    values: Iterable[str], *, description: str = "", required: bool = False, default: str | None = None
) -> Parameter:
    """One of ``values``."""
    known = [str(value) for value in values]

    def parse(text: str) -> str:
        if text not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return text

    schema: dict[str, Any] = {"type": "string", "enum": known}
    if default is not None:
        schema["default"] = default
    return Parameter(parse=parse, schema=schema, description=description, required=required, default=default)


def flag(*, description: str = "", default: bool | None = None) -> Parameter:
    """``true`` or ``false``."""

    def parse(text: str) -> bool:
        if text not in ("true", "false"):
            raise ValueError("true or false")
        return text == "true"

    schema: dict[str, Any] = {"type": "boolean"}
    if default is not None:
        schema["default"] = default
    return Parameter(parse=parse, schema=schema, description=description, default=default)


def line(*, longest: int = MOST_TEXT, description: str = "", required: bool = False) -> Parameter:
    """Any text of one line."""

    def parse(text: str) -> str:
        if not 1 <= len(text) <= longest:
            raise ValueError(f"1 to {longest} characters")
        return text

    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return Parameter(parse=parse, schema=schema, description=description, required=required)


def pattern(regex: str, *, says: str, description: str = "", required: bool = False) -> Parameter:
    """Text that ``regex`` matches whole; ``says`` is the hint for what it does not match."""
    compiled = re.compile(regex, re.ASCII)

    def parse(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(says)
        return text

    schema = {"type": "string", "pattern": f"^{regex}$"}
    return Parameter(parse=parse, schema=schema, description=description, required=required)


def address(*, description: str = "", required: bool = False) -> Parameter:
    """A 20-byte address in hex, of any case; the value is the text as it came."""
    return pattern(
        _ADDRESS.pattern, says="an address: 0x and 40 hex digits", description=description, required=required
    )


def moment(*, description: str = "", required: bool = False) -> Parameter:
    """A point in time in ISO 8601; without an offset it is UTC."""

    def parse(text: str) -> datetime:
        value = parse_datetime(text) if text.isascii() and len(text) <= 40 else None
        if value is None:
            raise ValueError("a time in ISO 8601, such as 2025-06-01T12:00:00Z")
        try:
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except OverflowError:
            raise ValueError("a time within the years 1 to 9999") from None

    return Parameter(
        parse=parse, schema={"type": "string", "format": "date-time"}, description=description, required=required
    )


def read_parameters(request: Request, known: Mapping[str, Parameter]) -> dict[str, Any]:
    """Every known parameter's value, defaults filled in; raises ``ApiError`` (400) for all that is wrong, at once."""
    wrong: dict[str, list[str]] = {}
    values: dict[str, Any] = {name: parameter.default for name, parameter in known.items()}
    for name, given in request.query_params.lists():
        parameter = known.get(name)
        if parameter is None:
            wrong[_shown(name)] = ["there is no such parameter"]
        elif len(given) > 1:
            wrong[name] = ["is given more than once"]
        else:
            try:
                values[name] = _parse(parameter, given[0])
            except ValueError as error:
                wrong[name] = [str(error)]
    for name, parameter in known.items():
        if parameter.required and name not in request.query_params:
            wrong[name] = ["is required"]
    if wrong:
        name, lines = next(iter(wrong.items()))
        raise ApiError(400, "invalid", f"{name}: {lines[0]}", wrong)
    return values


def _parse(parameter: Parameter, text: str) -> Any:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("control characters are not allowed")
    return parameter.parse(text)


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name[:80])
