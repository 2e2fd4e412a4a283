"""Which consumer serves the sockets of an address."""

from typing import Any

from django.urls import path, re_path

from paper_trading.consumers import FeedConsumer


async def nowhere(_: Any, __: Any, send: Any) -> None:
    """Refuses (403) what would be an error of the server without a route."""
    await send({"type": "websocket.close"})


websocket_urlpatterns: list[Any] = [path("ws/feed/", FeedConsumer.as_asgi()), re_path("", nowhere)]  # type: ignore[arg-type]
