"""Secrets that were planted in every place that holds one, and what is written and answered while they are there."""

import asyncio
import hashlib
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from eth_account import Account
from eth_account.messages import encode_defunct
from redis import Redis

from tests.support.faulty_node import FaultyNode, faulty
from tests.support.postgres import SERVER_URL

SECRET_KEY = "canary-of-the-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz"
DATABASE = "canary-of-the-database"
REDIS = "canary-of-redis"
NODE = "canary0of0the0node0f00d"


@dataclass(slots=True)
class Evidence:
    """What was found, by where it was found. ``secrets`` grows by those that are made on the way."""

    secrets: dict[str, str] = field(
        default_factory=lambda: {"secret key": SECRET_KEY, "database": DATABASE, "redis": REDIS, "node": NODE}
    )
    written: dict[str, str] = field(default_factory=dict)

    def leaks(self, kind: str) -> list[tuple[str, str]]:
        """(where, which) of every secret that stands where it must not, in what begins with ``kind``."""
        found = {where: text for where, text in self.written.items() if where.startswith(kind)}
        assert found, f"nothing was looked at: {kind}"
        return [
            (where, name) for where, text in found.items() for name, secret in self.secrets.items() if secret in text
        ]


def with_password(url: str, password: str) -> str:
    """``url`` of a server that lets everyone in, with a password."""
    parts = urlsplit(url)
    user = parts.username or "postgres"
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port or 5432}"))


def has_own_password() -> bool:
    return urlsplit(SERVER_URL).password is not None


def ask(url: str, *, body: object = None, headers: Mapping[str, str] | None = None, raw: bytes | None = None) -> str:
    """Status, headers and body of the answer, as one text."""
    data = raw if raw is not None else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return f"{answer.status}\n{answer.headers}\n{answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code}\n{error.headers}\n{error.read().decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLogin:
    """What a browser sends to log in, and the cookies and headers that go with it."""

    body: Mapping[str, str]
    headers: Mapping[str, str]


def signed_login(site: str, headers: Mapping[str, str]) -> SignedLogin:
    """Of a wallet that nobody allowed; ``headers`` are those of one of our pages."""
    key = Account.from_key(hashlib.sha256(b"a wallet that comes too late").digest())
    asked = ask(f"{site}/api/auth/challenge/", body={"address": key.address, "chain_id": 31337}, headers=headers)
    binding = re.search(r"dex_login=([^;]+)", asked)
    assert binding is not None, asked
    message = json.loads(asked.rpartition("\n")[2])["message"]
    signature = key.sign_message(encode_defunct(text=message)).signature.to_0x_hex()
    cookies = re.sub(r"dex_session=[^;]*(; )?", "", headers["Cookie"])
    return SignedLogin(
        body={"message": message, "signature": signature},
        headers={**headers, "Cookie": f"{cookies}; dex_login={binding[1]}"},
    )


def contents(redis: Redis) -> str:
    """Every key with all that it holds."""
    readers = {
        "string": redis.get,
        "list": lambda key: redis.lrange(key, 0, -1),
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        "hash": redis.hgetall,
        "stream": redis.xrange,
    }
    return "\n".join(f"{key} {readers[redis.type(key)](key)}" for key in redis.scan_iter())


@contextmanager
def node_with_a_key(upstream: str) -> Iterator[FaultyNode]:
    """A node whose URL carries a key, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxy = faulty(upstream)
    node = asyncio.run_coroutine_threadsafe(proxy.__aenter__(), loop).result(30)
    try:
        node.url += f"/v3/{NODE}"
        yield node
    finally:
        asyncio.run_coroutine_threadsafe(proxy.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
