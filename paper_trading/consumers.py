"""The socket at ``/ws/feed/``, as ``docs/feed.md`` describes it."""

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from paper_trading.feed.client import Client
from paper_trading.feed.ears import told
from paper_trading.feed.guests import LOGIN_OVER
from paper_trading.feed.house import house
from paper_trading.feed.pipe import pipe_of
from paper_trading.feed.requests import MOST_CHARACTERS, Malformed, Request, parsed
from paper_trading.selectors.topics import topic_for
from wallet.errors import SocketLoginOver, SocketRefused
from wallet.services.events import note
from wallet.services.sockets import admit_socket

BINARY, WRONG, TOO_LONG, TOO_MANY_SOCKETS = 1003, 1008, 1009, 4429
PONG = told("pong")


class FeedConsumer(AsyncWebsocketConsumer):
    client: Client | None = None

    async def connect(self) -> None:
        try:
            admitted = await database_sync_to_async(admit_socket)(self.scope)
        except SocketRefused:
            await self.close()
            return
        except SocketLoginOver:
            # Of a refusal, a page would learn nothing.
            await self.accept()
            await self.close(LOGIN_OVER)
            return
        await self.accept()
        here = house()
        if not here.guests.has_room(admitted.user.pk):
            note("too_many_sockets", refused=True, user=admitted.user.username)
            await self.close(TOO_MANY_SOCKETS)
            return
        self.client = Client(pipe_of(self.base_send), here.hub)
        self.user_id = admitted.user.pk
        here.guests.enter(self.client, admitted)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        client = self.client
        if client is None or client.pipe.closing:
            return
        if text_data is None:
            self._close(client, BINARY, "binary")
        elif len(text_data) > MOST_CHARACTERS:
            self._close(client, TOO_LONG, "too_long")
        elif not client.may_speak():
            self._close(client, WRONG, "too_many")
        else:
            try:
                request = parsed(text_data)
            except Malformed:
                self._close(client, WRONG, "malformed")
            else:
                await self._obey(client, request)

    async def disconnect(self, code: int) -> None:
        if self.client is not None:
            self.client.gone()
            house().guests.leave(self.client)

    async def _obey(self, client: Client, request: Request) -> None:
        if request.op == "ping":
            client.pipe.tell(PONG)
            return
        topic = await database_sync_to_async(topic_for)(self.user_id, request.topic)
        if topic is None:
            client.refuse(request.topic, "unknown_topic")
        elif request.op == "subscribe":
            client.subscribe(asked=request.topic, topic=topic, mark=request.mark)
        else:
            client.unsubscribe(asked=request.topic, topic=topic)

    def _close(self, client: Client, code: int, reason: str) -> None:
        note("socket_closed", refused=True, reason=reason, user=self.user_id)
        client.pipe.close(code)
