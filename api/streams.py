"""Answers that leave piece by piece: the first is there while the last is still being made."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed(request: HttpRequest, pieces: Iterator[str], *, content_type: str) -> StreamingHttpResponse:
    """Each piece is sent before the next is made. One that cannot be made leaves the answer without an end."""
    content = _later(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(content, content_type=content_type)


async def _later(pieces: Iterator[str]) -> AsyncIterator[str]:
    """Made in the request's own thread, where its database connection is."""
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
