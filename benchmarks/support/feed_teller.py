"""Tells frames at a rate: as a process of its own, or inside a web process where that is ``application``."""

import json
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

PAD = "x" * 250


def tell(plan: Mapping[str, Any]) -> None:
    from paper_trading.feed.publisher import publish_event, publisher

    due = time.monotonic()
    end = due + plan["seconds"]
    while due < end:
        for topic in plan["topics"]:
            publish_event(topic, "decision", {"pad": PAD, "at": time.monotonic_ns()})
        due += 1.0 / plan["rate"]
        time.sleep(max(0.0, due - time.monotonic()))
    if not publisher().flush(10.0):
        raise SystemExit("the frames were not told")


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The program's own, and ``/tell/``."""
    from dexproject.asgi import application as served

    if scope["type"] != "http" or scope["path"] != "/tell/":
        await served(scope, receive, send)
        return
    plan = json.loads((await receive())["body"])
    threading.Thread(target=tell, args=(plan,), daemon=True).start()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    import django

    django.setup()
    tell(json.loads(sys.argv[1]))
