"""The web beside the bot in its process, so that both have one memory: daphne in a thread with a loop of its own.

A slow page then holds no block up, signals stay with the bot, and a web part that fails fails alone.
"""

import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.conf import settings
from django.utils.module_loading import import_string

from paper_trading.feed import log

if TYPE_CHECKING:
    from paper_trading.management.daphne_server import GracefulServer

END_SECONDS = 5.0

Application = Callable[..., Awaitable[None]]


class WebThread:
    """Serves the project's ASGI application on ``listening``; there is one in a process, as there is one reactor.

    ``ended`` is done when it serves no more, with the error that was the reason, if any.
    """

    def __init__(self, listening: socket.socket) -> None:
        self.ended: Future[None] = Future()
        self.ended.set_running_or_notify_cancel()  # whoever waits for it and is cancelled does not cancel it
        self._listening = listening
        self._stopping = threading.Event()
        self._server: GracefulServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Before the database is asked for anything: the application sets how threads connect to it."""
        log.log()  # two threads that ask for the first time at once would get one each
        try:
            application = _apart(import_string(settings.ASGI_APPLICATION))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the bot runs without
            self._end(error)
            return
        self._thread = threading.Thread(target=self._run, args=(application,), name="web", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Open sockets are told that the server goes away; requests that take long are not waited for."""
        self._stopping.set()
        if self._server is not None:
            self._server.leave()
        if self._thread is not None:
            self._thread.join(END_SECONDS)

    def _run(self, application: Application) -> None:
        try:
            # Whoever imports it has a reactor from then on.
            from paper_trading.management.daphne_server import GracefulServer

            self._server = GracefulServer(application, self._listening)
            if not self._stopping.is_set():
                self._server.run()
        except BaseException as error:  # noqa: BLE001 - the thread ends with it, and whoever waits is told
            self._end(error)
        else:
            self._end(None)

    def _end(self, error: BaseException | None) -> None:
        self._listening.close()
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)


def _apart(application: Application) -> Application:
    """One thread for what all sockets have done in "the" thread for synchronous work: the usual one is the bot's, and
    requests have one each."""
    sockets = ThreadSensitiveContext()

    async def apart(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            SyncToAsync.thread_sensitive_context.set(sockets)
        await application(scope, receive, send)

    return apart
