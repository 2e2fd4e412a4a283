import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from api.errors import ApiError
from api.parsers import MOST_BYTES, MOST_DEPTH, StrictJSONParser, parse_json


def test_json_is_read_as_it_stands() -> None:
    assert parse_json('{"a": [1, -2.5, "ü", null, true]}'.encode()) == {"a": [1, -2.5, "ü", None, True]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "plain decimals"),
        (b'{"a": 1e3}', "plain decimals"),
        (b'{"a": 1.5E-7}', "plain decimals"),
        (b'{"a": 0.' + b"1" * 5_000 + b"}", "digits"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "digits"),
        (b'{"a": "\\u0000"}', "character"),
        (b'{"\\ud800": 1}', "character"),
        (b"[" * 60_000, "deep"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "deep"),
    ],
)
def test_json_that_could_mean_trouble_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parse_json(content)


def test_brackets_within_a_text_are_not_depth() -> None:
    text = "[" * 1_000 + '\\"' + "{" * 1_000
    assert parse_json(f'{{"a": "{text}"}}'.encode())["a"].count("[") == 1_000


def test_the_allowed_depth_is_allowed() -> None:
    assert parse_json(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH) is not None


def test_a_body_that_is_too_long_is_not_read_to_its_end() -> None:
    stream = io.BytesIO(b" " * (MOST_BYTES * 3))
    with pytest.raises(ApiError, match="bytes"):
        StrictJSONParser().parse(stream)
    assert stream.tell() <= MOST_BYTES + 1


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b":",
    b",",
    b"\\",
    b"\\u",
    b"d800",
    b"-",
    b".",
    b"e",
    b"9" * 90,
    b"NaN",
    b"\xff",
    b"\x00",
    b" ",
]


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        value = parse_json(content)
    except ParseError:
        return
    assert json.loads(content.decode()) == value


@given(ANY)
def test_what_is_read_is_what_was_written(value: object) -> None:
    try:
        found = parse_json(json.dumps(value).encode())
    except ParseError:
        return
    assert found == value
