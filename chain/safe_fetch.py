"""Asks a URL that a user gave, without being led to what only this machine can reach.

Its name is looked up once, every address of it must be public, and a socket is opened to one of just these addresses or
not at all. No redirects, no proxies, no cookies, bounded size and time. A URL may carry a key, so no error shows more
of it than the host.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Any, Literal

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from chain.safe_url import USUAL_PORTS, IPAddress, Target, UnsafeUrl, is_public, read_url
from dex.errors import Retryable

Resolve = Callable[[str], Awaitable[Sequence[str]]]
Method = Literal["GET", "POST"]

MOST_ADDRESSES = 16
_PART = 16 * 1024


class NoUsableAnswer(Retryable):
    """The other side could not be reached, or answered too much or too slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``seconds`` are for everything together, the look-up too; ``size`` is bytes of the answer's body."""

    seconds: float = 10.0
    size: int = 256 * 1024
    ports: frozenset[int] = USUAL_PORTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    status: int
    content_type: str
    body: bytes


async def resolve_by_system(host: str) -> list[str]:
    """All addresses of ``host``, as the system finds them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


async def fetch(
    url: str,
    *,
    method: Method = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    allowed: Callable[[IPAddress], bool] = is_public,
    resolve: Resolve = resolve_by_system,
) -> Fetched:
    """The answer of ``url``, whatever its status below 300 or from 400 on. ``headers`` are ours, never a user's.

    Raises ``UnsafeUrl`` and ``NoUsableAnswer``.
    """
    limits = Limits() if limits is None else limits
    target = read_url(url, ports=limits.ports)
    try:
        async with asyncio.timeout(limits.seconds):
            addresses = await _addresses(target, resolve, allowed)
            return await _ask(target, addresses, method=method, body=body, headers=headers or {}, size=limits.size)
    except TimeoutError:
        raise NoUsableAnswer(f"{target.host} did not answer within {limits.seconds:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # The cause's text may hold the URL.
        raise NoUsableAnswer(f"{target.host} cannot be asked ({type(error).__name__})") from None


async def _addresses(target: Target, resolve: Resolve, allowed: Callable[[IPAddress], bool]) -> list[IPAddress]:
    literal = _literal(target.host)
    try:
        found = [literal] if literal is not None else [ip_address(text) for text in await resolve(target.host)]
    except UnicodeError:
        raise UnsafeUrl(f"{target.host} is no name") from None
    if not found:
        raise NoUsableAnswer(f"{target.host} has no address")
    # One that is not public among others is somebody who tries, or a name that is only good inside.
    if not all(allowed(address) for address in found):
        raise UnsafeUrl(f"{target.host} is not on the public internet")
    return found[:MOST_ADDRESSES]


async def _ask(
    target: Target,
    addresses: Sequence[IPAddress],
    *,
    method: Method,
    body: bytes | None,
    headers: Mapping[str, str],
    size: int,
) -> Fetched:
    connector = aiohttp.TCPConnector(
        resolver=_Pinned(addresses), use_dns_cache=False, socket_factory=_only_to(addresses), force_close=True
    )
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={"Accept-Encoding": "identity"},
        ) as session,
        session.request(method, target.url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        if 300 <= answer.status < 400:
            raise UnsafeUrl(f"{target.host} sends elsewhere (HTTP {answer.status}), and we do not follow")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise NoUsableAnswer(f"{target.host} answered in an encoding that it was not asked for")
        content = await _bounded(answer, target.host, size)
        return Fetched(status=answer.status, content_type=answer.content_type, body=content)


async def _bounded(answer: aiohttp.ClientResponse, host: str, size: int) -> bytes:
    content = bytearray()
    if (answer.content_length or 0) <= size:
        async for part in answer.content.iter_chunked(_PART):
            content += part
            if len(content) > size:
                break
        else:
            return bytes(content)
    raise NoUsableAnswer(f"{host} answered with more than {size} bytes")


class _Pinned(AbstractResolver):
    """What was found once is all that is found."""

    def __init__(self, addresses: Sequence[IPAddress]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=_family(address),
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _only_to(addresses: Sequence[IPAddress]) -> Callable[[Any], socket.socket]:
    """Makes sockets to ``addresses`` alone: whatever came between the look-up and now, nothing else is connected to."""

    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, sockaddr = info
        if ip_address(sockaddr[0]) not in addresses:
            raise OSError("another address than was looked up")
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def _literal(host: str) -> IPAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _family(address: IPAddress) -> socket.AddressFamily:
    return socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
