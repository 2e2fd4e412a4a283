"""The program's application, and an address where a test says what the feed of this process shall tell."""

import asyncio
import json
from typing import Any

from dexproject.asgi import application as served
from paper_trading.feed import publisher


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http" or scope["path"] != "/tell/":
        await served(scope, receive, send)
        return
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part["body"], part["more_body"]
    await asyncio.to_thread(_tell, json.loads(body))
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _tell(said: dict[str, Any]) -> None:
    if said.get("reset"):
        publisher.reset(said["topic"])
    put = publisher.publish_state if said.get("state") else publisher.publish_event
    for value in said["values"]:
        put(said["topic"], said["type"], {"value": value, "pad": "x" * said.get("pad", 0)})
        if said.get("state"):
            publisher.publisher().flush(1.0)
