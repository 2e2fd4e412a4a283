"""A web process that serves the feed, people who may listen, and their sockets."""

import json
import socket
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from eth_account import Account
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from chain.devnet.anvil import free_port
from tests.support.hosts import Daemon, Stack
from tests.support.visitor import Visitor

SECONDS = 20.0
NAMES = ("alice", "bob")
SET_UP = """
import json
from django.contrib.auth.models import User
from tests.paper_trading.world import new_account, new_session
from tests.support.feed_server import NAMES, key_of
from wallet.services.api_tokens import create_token
from wallet.services.wallets import allow_wallet
made = {}
for name in NAMES:
    user = User.objects.create(username=name)
    allow_wallet(user=user, address=key_of(name).address)
    session = new_session(new_account(user=user))
    token = create_token(user=user, name="feed", scopes=["read"])
    made[name] = {"user": user.pk, "session": session.pk, "token": token.token.pk, "secret": token.secret}
print(json.dumps(made))
"""


def key_of(name: str) -> Any:
    return Account.from_key("0x" + name.encode().hex().rjust(64, "0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    user: int
    session: int
    token: int
    secret: str

    @property
    def topic(self) -> str:
        return f"session:{self.session}"


class Ear:
    """An open socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def say(self, **said: object) -> None:
        self.connection.send(json.dumps(said))

    def next(self, seconds: float = SECONDS) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.connection.recv(timeout=seconds))
        return told

    def until(self, **wanted: object) -> dict[str, Any]:
        while True:
            told = self.next()
            if wanted.items() <= told.items():
                return told

    def values(self, count: int) -> list[int]:
        """Of the next ``count`` messages, which are frames."""
        return [self.next()["data"]["value"] for _ in range(count)]

    def frames_until(self, value: int) -> Iterator[dict[str, Any]]:
        """All frames up to the one of ``value``."""
        while True:
            told = self.next()
            if "op" not in told:
                yield told
                if told["data"]["value"] == value:
                    return

    def subscribe(self, topic: str, **mark: object) -> dict[str, Any]:
        self.say(op="subscribe", topic=topic, **mark)
        return self.next()

    def is_silent(self) -> bool:
        try:
            self.next(0.3)
        except TimeoutError:
            return True
        return False

    def rest(self) -> list[dict[str, Any]]:
        """What comes up to the end."""
        told = []
        with suppress(ConnectionClosed):
            while True:
                told.append(self.next())
        return told

    def close_code(self) -> int | None:
        """Why the server closes it; what comes before is passed over."""
        self.rest()
        return self.connection.close_code


class FeedServer:
    def __init__(self, stack: Stack, *, sockets_per_user: int) -> None:
        self.stack = stack
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._most = sockets_per_user
        stack.manage("migrate", "--verbosity", 0)
        said = stack.manage("shell", "--no-imports", "-c", SET_UP).stdout.strip().splitlines()[-1]
        self.people = {name: Person(**made) for name, made in json.loads(said).items()}
        self.alice, self.bob = (self.people[name] for name in NAMES)
        self.daemon = self.start()

    def start(self) -> Daemon:
        self.daemon = self.stack.start_program(
            f"web-{len(self.stack.daemons)}",
            [
                sys.executable,
                "-m",
                "daphne",
                "--bind",
                "127.0.0.1",
                "--port",
                str(self.port),
                "tests.support.telling_asgi:application",
            ],
            DEXPROJECT_ROLE="web",
            PUBLIC_URL=self.url,
            LOGIN_REQUESTS_PER_CLIENT="0",
            SOCKETS_PER_USER=str(self._most),
            SOCKETS_OPENED_PER_CLIENT="0",
        )
        self.stack.wait(self._answers, "the web process does not start", alive=self.daemon)
        return self.daemon

    def restart(self) -> None:
        self.daemon.kill()
        self.start()

    def tell(self, topic: str, *values: int, kind: str = "entry", **how: object) -> None:
        body = json.dumps({"topic": topic, "type": kind, "values": values, **how}).encode()
        request = urllib.request.Request(f"{self.url}/tell/", data=body)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            pass

    def visitor(self, name: str) -> Visitor:
        """A browser in which ``name`` has logged in."""
        visitor = Visitor(self.url)
        visitor.log_in(key_of(name), bootstrap="none")
        return visitor

    def ticket(self, person: Person) -> str:
        headers = {"Authorization": f"Bearer {person.secret}"}
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/api/auth/socket-ticket/", data=b"", headers=headers
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return str(json.load(answer)["ticket"])

    def revoke(self, person: Person) -> None:
        """Its token, in another process."""
        script = f"""
from django.contrib.auth.models import User
from wallet.services.api_tokens import revoke_token
revoke_token(user=User.objects.get(pk={person.user}), token_id={person.token})
"""
        self.stack.manage("shell", "--no-imports", "-c", script)

    def ear(self, person: Person | None = None) -> Ear:
        """A program's socket."""
        return self.open(ticket=self.ticket(person or self.alice))

    def browser(self, visitor: Visitor, origin: str | None = "ours") -> Ear:
        """A page's socket."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor._cookies)
        return self.open(cookies=cookies, origin=self.url if origin == "ours" else origin)

    def open(
        self,
        *,
        ticket: str | None = None,
        cookies: str | None = None,
        origin: str | None = None,
        path: str = "/ws/feed/",
        receive_bytes: int | None = None,
        most_waiting: int | None = None,
    ) -> Ear:
        connection = socket.socket()
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.connect(("127.0.0.1", self.port))
        query = "" if ticket is None else f"?ticket={ticket}"
        return Ear(
            connect(
                f"ws://127.0.0.1:{self.port}{path}{query}",
                sock=connection,
                origin=origin,  # type: ignore[arg-type]
                additional_headers={} if cookies is None else {"Cookie": cookies},
                compression=None,
                ping_interval=None,
                max_queue=most_waiting,
                max_size=None,
                proxy=None,
            )
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz/", timeout=2):  # noqa: S310
                return True
        except OSError:
            return False


@contextmanager
def feed_server(var: Path, *, redis_url: str = "", sockets_per_user: int = 8) -> Iterator[FeedServer]:
    stack = Stack(var=var, database_url=f"sqlite:///{var / 'db.sqlite3'}", redis_url=redis_url)
    try:
        yield FeedServer(stack, sockets_per_user=sockets_per_user)
    finally:
        stack.end_all()
    assert [line for daemon in stack.daemons for line in stack.defects(daemon)] == []
