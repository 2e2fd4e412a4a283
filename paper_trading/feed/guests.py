"""Who is here: how many sockets each user has, and whether they may still listen.

Every login and token that opened a socket is looked up again once a minute, and at once where one ended: in this
process by a signal, in the others by a topic that nobody can subscribe to.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from paper_trading.feed.access import LOGINS
from paper_trading.feed.client import Client
from paper_trading.feed.ears import Ear
from paper_trading.feed.envelope import Mark
from paper_trading.feed.hub import Hub
from wallet.services.tickets import Admitted, still_admitted
from wallet.signals import access_ended

CHECK_SECONDS = 60.0
LOGIN_OVER = 4401
Key = tuple[str, int]


class Bell(Ear):
    """Hears that somebody's login or token ended, or that this may have been missed."""

    def __init__(self, ring: asyncio.Event) -> None:
        self.topic, self.asked, self.seq = LOGINS, LOGINS, 0
        self._ring = ring

    def subscribed(self, mark: Mark, *, resumed: bool) -> None:
        self._ring.set()

    def reset(self, mark: Mark) -> None:
        self._ring.set()

    def frame(self, seq: int, message: bytes) -> None:
        self._ring.set()


class Guests:
    def __init__(self, hub: Hub) -> None:
        self._admitted: dict[Client, Admitted] = {}
        self._of_user: Counter[int] = Counter()
        self._ring = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._tasks = [
            asyncio.create_task(self._watch()),
            asyncio.create_task(hub.join(Bell(self._ring), None)),
        ]
        access_ended.connect(self._ring_from_thread)

    def has_room(self, user_id: int) -> bool:
        most = settings.SOCKETS_PER_USER
        return most is None or self._of_user[user_id] < most

    def enter(self, client: Client, admitted: Admitted) -> None:
        self._admitted[client] = admitted
        self._of_user[admitted.user.pk] += 1

    def leave(self, client: Client) -> None:
        admitted = self._admitted.pop(client, None)
        if admitted is not None:
            self._of_user[admitted.user.pk] -= 1

    def _ring_from_thread(self, **_: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended, and all sockets with it
            self._loop.call_soon_threadsafe(self._ring.set)

    def close(self) -> None:
        access_ended.disconnect(self._ring_from_thread)
        for task in self._tasks:
            task.cancel()

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ring.wait(), CHECK_SECONDS)
            self._ring.clear()
            # A database that is away ends nobody's login.
            with suppress(DatabaseError):
                await self._check()

    async def _check(self) -> None:
        keys = {client: _key(admitted) for client, admitted in self._admitted.items()}
        over = await database_sync_to_async(_over)({_key(one): one for one in self._admitted.values()})
        for client, key in keys.items():
            if key in over:
                client.pipe.close(LOGIN_OVER)


def _key(admitted: Admitted) -> Key:
    if admitted.login is not None:
        return "login", admitted.login.pk
    return "token", -1 if admitted.token is None else admitted.token.pk


def _over(asked: Mapping[Key, Admitted]) -> set[Key]:
    now = timezone.now()
    return {key for key, admitted in asked.items() if not still_admitted(admitted, now=now)}
