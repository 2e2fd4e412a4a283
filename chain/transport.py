"""One node behind one URL: JSON-RPC over HTTP or WebSocket, by web3.py's providers.

A URL may carry an API key, so nothing here puts more of it than the host into an error, and web3's own loggers, which
print whole URLs, are kept quiet.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import aiohttp
from web3 import AsyncWeb3, WebSocketProvider
from web3.exceptions import Web3Exception
from web3.providers.rpc import AsyncHTTPProvider
from web3.types import RPCEndpoint
from websockets.exceptions import WebSocketException

from chain.errors import ConfigurationError, NodeUnavailable

for _name in ("web3", "websockets"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Request = tuple[str, Sequence[object]]
Response = dict[str, Any]

_FAULTS = (aiohttp.ClientError, OSError, TimeoutError, Web3Exception, WebSocketException, ValueError, LookupError)
"""What a dead, slow or babbling node makes the providers raise; JSON errors are ValueErrors."""


class Transport(Protocol):
    """Sends requests to one node. Raises ``NodeUnavailable`` when no sane answer comes in time."""

    @property
    def name(self) -> str: ...

    async def request(self, method: str, params: Sequence[object]) -> Response: ...

    async def batch(self, requests: Sequence[Request]) -> list[Response]: ...

    async def wait_head(self, timeout: float) -> None:
        """Returns when the node announces a block, or after ``timeout`` seconds."""
        ...

    async def close(self) -> None: ...


def host_of(url: str) -> str:
    """The part of ``url`` that may be shown: host and port."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port is not None else str(parts.hostname)


def open_transport(url: str, *, timeout: float) -> Transport:
    """The transport for ``url``'s scheme; raises ``ConfigurationError`` for any other than http(s) and ws(s)."""
    try:
        scheme, host = urlsplit(url).scheme, host_of(url)
    except ValueError:
        raise ConfigurationError("an RPC URL cannot be read") from None
    if scheme in ("http", "https") and host != "None":
        return HttpTransport(url, timeout=timeout)
    if scheme in ("ws", "wss") and host != "None":
        return WebSocketTransport(url, timeout=timeout)
    raise ConfigurationError("an RPC URL must begin with http://, https://, ws:// or wss:// and name a host")


class HttpTransport:
    def __init__(self, url: str, *, timeout: float) -> None:
        self.name = host_of(url)
        self._timeout = timeout
        self._provider = AsyncHTTPProvider(
            url,
            request_kwargs={"timeout": aiohttp.ClientTimeout(total=timeout)},
            exception_retry_configuration=None,
        )
        self._session: aiohttp.ClientSession | None = None

    async def request(self, method: str, params: Sequence[object]) -> Response:
        answer = await self._guard(self._provider.make_request(RPCEndpoint(method), list(params)))
        return checked_response(answer, self.name)

    async def batch(self, requests: Sequence[Request]) -> list[Response]:
        calls = [(RPCEndpoint(method), list(params)) for method, params in requests]
        answer = await self._guard(self._provider.make_batch_request(calls))
        return checked_batch(answer, len(calls), self.name)

    async def wait_head(self, timeout: float) -> None:
        await asyncio.sleep(timeout)

    async def close(self) -> None:
        # The provider's own disconnect() logs the whole URL.
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _guard(self, answer: Awaitable[object]) -> object:
        await self._open()
        return await guarded(answer, self.name, self._timeout)

    async def _open(self) -> None:
        if self._session is None:
            # web3's default session opens a new connection for each request.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16, keepalive_timeout=60))
            await self._provider.cache_async_session(self._session)


class WebSocketTransport:
    """Also announces heads, by ``eth_subscribe``; after a lost connection the next request opens a new one."""

    def __init__(self, url: str, *, timeout: float) -> None:
        self.name = host_of(url)
        self._url = url
        self._timeout = timeout
        self._web3: AsyncWeb3[WebSocketProvider] | None = None
        self._heads: asyncio.Task[None] | None = None
        self._announced = asyncio.Event()
        self._opening = asyncio.Lock()

    async def request(self, method: str, params: Sequence[object]) -> Response:
        provider = await self._connected()
        answer = await self._guard(provider.make_request(RPCEndpoint(method), list(params)))
        return checked_response(answer, self.name)

    async def batch(self, requests: Sequence[Request]) -> list[Response]:
        provider = await self._connected()
        calls = [(RPCEndpoint(method), list(params)) for method, params in requests]
        answer = await self._guard(provider.make_batch_request(calls))
        return checked_batch(answer, len(calls), self.name)

    async def wait_head(self, timeout: float) -> None:
        if self._heads is None or self._heads.done():
            await self._connected()
            await self._subscribe()
        try:
            await asyncio.wait_for(self._announced.wait(), timeout)
        except TimeoutError:
            return
        self._announced.clear()

    async def close(self) -> None:
        heads, web3 = self._heads, self._web3
        self._heads = self._web3 = None
        if heads is not None:
            heads.cancel()
            await asyncio.gather(heads, return_exceptions=True)
        if web3 is not None:
            await web3.provider.disconnect()

    async def _subscribe(self) -> None:
        web3 = self._web3
        if web3 is not None:
            await self._guard(web3.eth.subscribe("newHeads"))
            self._heads = asyncio.create_task(self._listen(web3))

    async def _listen(self, web3: "AsyncWeb3[WebSocketProvider]") -> None:
        try:
            async for _head in web3.socket.process_subscriptions():
                self._announced.set()
        except _FAULTS:
            # The follower's time-out polls on, and that request reconnects.
            return

    async def _connected(self) -> WebSocketProvider:
        async with self._opening:
            if self._web3 is None:
                web3: AsyncWeb3[WebSocketProvider] = AsyncWeb3(
                    WebSocketProvider(self._url, request_timeout=self._timeout, max_connection_retries=1)
                )
                await guarded(web3.provider.connect(), self.name, self._timeout)
                self._web3 = web3
            return self._web3.provider

    async def _guard(self, answer: Awaitable[object]) -> object:
        try:
            return await guarded(answer, self.name, self._timeout)
        except NodeUnavailable:
            await self.close()
            raise


async def guarded(answer: Awaitable[object], name: str, timeout: float) -> object:
    """Awaits ``answer``; every way a node can fail becomes ``NodeUnavailable`` without the cause's text (URLs)."""
    try:
        return await asyncio.wait_for(answer, timeout)
    except aiohttp.ClientResponseError as error:
        problem = f"answered HTTP {error.status}"
    except TimeoutError:
        problem = f"did not answer within {timeout:g} s"
    except (json.JSONDecodeError, UnicodeDecodeError):
        problem = "answered something that is not JSON"
    except _FAULTS as error:
        problem = f"cannot be reached ({type(error).__name__})"
    raise NodeUnavailable(f"node {name} {problem}") from None


def checked_response(answer: object, name: str) -> Response:
    if not isinstance(answer, dict) or ("result" not in answer and not isinstance(answer.get("error"), dict | str)):
        raise NodeUnavailable(f"node {name} answered something that is not JSON-RPC")
    return cast(Response, answer)


def checked_batch(answer: object, expected: int, name: str) -> list[Response]:
    if isinstance(answer, dict) and "error" in answer:
        # The node refused the batch as a whole: every request shares the error.
        return [checked_response(answer, name)] * expected
    if not isinstance(answer, list) or len(answer) != expected or expected == 0:
        raise NodeUnavailable(f"node {name} answered a batch of {expected} requests incompletely")
    answers = [checked_response(one, name) for one in answer]
    # The providers sort by id and number a batch's requests in a row.
    ids = [one.get("id") for one in answers]
    if not isinstance(ids[0], int) or ids != list(range(ids[0], ids[0] + expected)):
        raise NodeUnavailable(f"node {name} answered a batch with other ids than it was asked")
    return answers
