"""Requests are worked on a few at a time, first come first served, however many are in flight.

Each has a thread of its own, but only one thread at a time runs Python: twenty at once are not done sooner than three
after three, and some of them much later than others.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from itertools import count
from typing import Any

from django.http import HttpRequest

AT_ONCE = 3
"""One that runs, while others wait for the database."""

PATIENCE = 1.0
"""Seconds after which a request goes on without a turn: what holds up those before it is not Python."""

LONG = 12
"""Pieces of an answer after which somebody is seen to take in a list: a page that is renewed has fewer parts."""

TURN = "dexproject.turn"
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Turn:
    """One request's place among those that are worked on; nothing is counted twice, whoever gives it back."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._loop = asyncio.get_running_loop()
        self._taken = False

    async def take(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                self._taken = await self._turns.acquire()

    def give_back(self) -> None:
        if self._taken:
            self._taken = False
            self._turns.release()

    def give_back_from_thread(self) -> None:
        self._loop.call_soon_threadsafe(self.give_back)


class Turns:
    """An ASGI application around ``application``. A long answer gives its turn back on its way."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        turn = Turn(self.turns)
        pieces = count(1)

        async def sent(message: Message) -> None:
            await send(message)
            if message.get("more_body", False) and next(pieces) == LONG:
                turn.give_back()

        await turn.take()
        try:
            await self.application({**scope, TURN: turn}, receive, sent)
        finally:
            turn.give_back()


def without_turn(request: HttpRequest) -> None:
    """For a view that waits for somebody else most of its time: let the next one begin."""
    turn: Turn | None = getattr(request, "scope", {}).get(TURN)
    if turn is not None:
        turn.give_back_from_thread()
