"""JSON that cannot be misunderstood: bounded in size, depth and digits, every key once, no NaN, no exponents."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import IO, Any, Never

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from api.errors import ApiError

MOST_BYTES = 64 * 1024
MOST_DEPTH = 16
MOST_DIGITS = 80
_PLAIN = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)


class StrictJSONParser(BaseParser):
    """Everything that it refuses is a 400, an over-long body a 413."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ApiError(413, "too_large", f"a body has at most {MOST_BYTES} bytes")
        return parse_json(content)


def parse_json(content: bytes) -> Any:
    """The value of ``content``, in UTF-8; raises ``ParseError``.

    >>> parse_json(b'{"intel": 8}')
    {'intel': 8}
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ParseError("the body is not UTF-8") from None
    if _depth(text) > MOST_DEPTH:
        raise ParseError(f"the body is nested more than {MOST_DEPTH} deep")
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_whole, parse_float=_fraction
        )
    except json.JSONDecodeError as error:
        raise ParseError(f"the body is not JSON: {error.msg} at character {error.pos}") from None
    _check_texts(value)
    return value


def _depth(text: str) -> int:
    """How deep brackets are nested; a scan of its own, because the decoder would recurse into them."""
    depth = deepest = 0
    in_text = escaped = False
    for character in text:
        if in_text:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_text = False
        elif character == '"':
            in_text = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("a key comes twice in one object")
    return found


def _no_constant(name: str) -> Never:
    raise ParseError(f"{name} is no number here")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ParseError(f"a number has at most {MOST_DIGITS} digits")
    return int(digits)


def _fraction(digits: str) -> float:
    if not _PLAIN.fullmatch(digits):
        raise ParseError("a number is written in plain decimals, without an exponent")
    if len(digits) > MOST_DIGITS:
        raise ParseError(f"a number has at most {MOST_DIGITS} digits")
    return float(digits)


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in value):
            raise ParseError("a text holds a character that is none")
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
