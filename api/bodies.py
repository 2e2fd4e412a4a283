"""Bodies that are too long are refused before anything of ours touches them: Django copies one before a view sees it.

Daphne has taken the body in by then: what strangers may send to it is for a proxy in front to limit.
"""

import json
from collections.abc import Mapping

from api.errors import error_body
from api.turns import Application, Receive, Scope, Send

MOST_BYTES = 256 * 1024
"""More than any view takes; each says less."""


class BodyLimit:
    """An ASGI application around ``application``. Answers 413 for a body of more than ``MOST_BYTES``, and 411 for one
    that does not say its length (RFC 9110, 15.5.12)."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = _refusal(dict(scope["headers"])) if scope["type"] == "http" else None
        if refused is None:
            await self.application(scope, receive, send)
        else:
            await _answer(send, *refused)


def _refusal(headers: Mapping[bytes, bytes]) -> tuple[int, str, str] | None:
    """Status, code and message; None for what may pass. Names are lower case (ASGI), and the server read the length."""
    length = headers.get(b"content-length", b"0")
    if b"transfer-encoding" in headers or not length.isdigit():
        return 411, "length_required", "a body says its length in Content-Length"
    if len(length) > 12 or int(length) > MOST_BYTES:
        return 413, "too_large", f"a body has at most {MOST_BYTES} bytes"
    return None


async def _answer(send: Send, status: int, code: str, message: str) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error_body(code, message)).encode()})
