"""A body that is too long is refused by what its headers say, before the program is asked."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from api.bodies import MOST_BYTES, BodyLimit


async def asked(headers: Mapping[bytes, bytes], kind: str = "http") -> tuple[list[str], list[dict[str, Any]]]:
    """Who was asked, and what was answered before that."""
    reached: list[str] = []
    sent: list[dict[str, Any]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["type"])

    async def receive() -> Any:
        raise AssertionError("the body is not to be read")

    async def send(message: Any) -> None:
        sent.append(message)

    await BodyLimit(application)({"type": kind, "headers": list(headers.items())}, receive, send)
    return reached, sent


@pytest.mark.parametrize("length", [b"0", b"12", str(MOST_BYTES).encode()])
async def test_a_body_of_a_usual_length_passes(length: bytes) -> None:
    assert await asked({b"content-length": length}) == (["http"], [])


async def test_no_body_passes() -> None:
    assert await asked({}) == (["http"], [])


@pytest.mark.parametrize("length", [str(MOST_BYTES + 1).encode(), b"9" * 5_000])
async def test_a_longer_one_is_refused_unread(length: bytes) -> None:
    reached, sent = await asked({b"content-length": length})
    assert (reached, sent[0]["status"]) == ([], 413)
    assert json.loads(sent[1]["body"])["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    "headers", [{b"transfer-encoding": b"chunked"}, {b"content-length": b"-1"}, {b"content-length": b"1e3"}]
)
async def test_one_without_a_length_is_refused_unread(headers: Mapping[bytes, bytes]) -> None:
    reached, sent = await asked(headers)
    assert (reached, sent[0]["status"]) == ([], 411)


async def test_what_is_no_request_passes() -> None:
    assert (await asked({b"transfer-encoding": b"chunked"}, kind="websocket"))[0] == ["websocket"]
    assert (await asked({}, kind="lifespan"))[0] == ["lifespan"]
