"""The web part of a bot on its own, with an application whose sockets stay open.

Run as a program it prints its port and the name of the bot's thread for the database, and ends when its standard input
closes.
"""

import asyncio
import sys
import threading
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Tells every socket in which thread its synchronous work is done, and keeps it open. No request is ever done."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here", "more_body": True})
        await asyncio.Event().wait()
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": await sync_to_async(_thread_name)()})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def _thread_name() -> str:
    return threading.current_thread().name


def main() -> None:
    django.setup()
    from paper_trading.management.listening import listen
    from paper_trading.management.serving import WebThread

    settings.ASGI_APPLICATION = "tests.support.open_socket.application"
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    web = WebThread(listening)
    web.start()
    print(port, asyncio.run(sync_to_async(_thread_name)()), flush=True)
    sys.stdin.read()
    web.stop()
    print("stopped" if web.ended.done() else "still runs", flush=True)


if __name__ == "__main__":
    main()
