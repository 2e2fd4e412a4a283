"""Asking what a user named: pinned to what was looked up, no redirects, bounded. The servers here are real ones."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest
from aiohttp import web

from chain.safe_fetch import Fetched, Limits, NoUsableAnswer, Resolve, _only_to, fetch
from chain.safe_url import IPAddress, UnsafeUrl

PUBLIC, INSIDE, FURTHER_INSIDE = "9.9.9.9", "127.0.0.1", "127.0.0.2"
SIZE = 10_000


class Site:
    """A server on ``INSIDE`` alone; ``asked`` are the host and path of what arrived."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.port = 0

    def url(self, path: str, host: str = "site.example") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def limits(self) -> Limits:
        return Limits(seconds=20, size=SIZE, ports=frozenset({self.port}))

    async def get(self, path: str, *, limits: Limits | None = None) -> Fetched:
        return await fetch(
            self.url(path), limits=limits or self.limits, allowed=only_the_test_net, resolve=finding(INSIDE)
        )

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.host, request.path))
        self.bodies.append(await request.read())
        match request.path:
            case "/elsewhere":
                raise web.HTTPFound(self.url("/secret"))
            case "/large":
                return web.Response(body=b"x" * (SIZE + 1))
            case "/just":
                return web.Response(body=b"x" * SIZE)
            case "/endless":
                return await self._endless(request, b"x" * 1_000, 0)
            case "/drops":
                return await self._endless(request, b"x", 0.01)
            case "/zipped":
                return web.Response(body=gzip.compress(b"x" * 10_000_000), headers={"Content-Encoding": "gzip"})
            case "/cookies":
                return web.Response(text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "a=b"})
        return web.json_response({"path": request.path}, status=404 if request.path == "/missing" else 200)

    async def _endless(self, request: web.Request, part: bytes, pause: float) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(part)
            await asyncio.sleep(pause)


def finding(*answers: str | Sequence[str]) -> Resolve:
    """A resolver that gives one answer after the other, and the last one for ever."""
    left = list(answers)

    async def resolve(_: str) -> Sequence[str]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [found] if isinstance(found, str) else found

    return resolve


def only_the_test_net(address: IPAddress) -> bool:
    return str(address) == INSIDE


@asynccontextmanager
async def _served(site: Site) -> AsyncIterator[Site]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        listener = socket.create_server((INSIDE, 0))
        await web.SockSite(runner, listener).start()
        site.port = listener.getsockname()[1]
        yield site
    finally:
        await runner.cleanup()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with _served(Site()) as served:
        yield served


async def test_the_name_leads_to_the_address_that_was_looked_up(site: Site) -> None:
    answer = await site.get("/hook?a=b")
    assert (answer.status, answer.content_type, answer.body) == (200, "application/json", b'{"path": "/hook"}')
    assert site.asked == [(f"site.example:{site.port}", "/hook")]


async def test_an_error_of_the_other_side_is_an_answer(site: Site) -> None:
    assert (await site.get("/missing")).status == 404


async def test_a_body_is_sent(site: Site) -> None:
    url = site.url("/hook")
    await fetch(url, method="POST", body=b"{}", limits=site.limits, allowed=only_the_test_net, resolve=finding(INSIDE))
    assert site.bodies == [b"{}"]


async def test_a_redirect_is_not_followed(site: Site) -> None:
    with pytest.raises(UnsafeUrl, match="sends elsewhere"):
        await site.get("/elsewhere")
    assert [path for _, path in site.asked] == ["/elsewhere"]


@pytest.mark.parametrize("path", ["/large", "/endless"])
async def test_an_answer_that_is_too_large_is_dropped(site: Site, path: str) -> None:
    with pytest.raises(NoUsableAnswer, match=f"more than {SIZE} bytes"):
        await site.get(path)


async def test_an_answer_of_just_the_size_is_whole(site: Site) -> None:
    assert len((await site.get("/just")).body) == SIZE


async def test_a_small_answer_cannot_unfold_into_a_large_one(site: Site) -> None:
    with pytest.raises(NoUsableAnswer, match="encoding"):
        await site.get("/zipped")


async def test_drop_by_drop_is_too_slow(site: Site) -> None:
    with pytest.raises(NoUsableAnswer, match=r"within 0\.5 s"):
        await site.get("/drops", limits=Limits(seconds=0.5, size=10**9, ports=frozenset({site.port})))


async def test_a_look_up_that_hangs_is_too_slow() -> None:
    async def hangs(_: str) -> Sequence[str]:
        await asyncio.sleep(3600)
        return [PUBLIC]

    with pytest.raises(NoUsableAnswer, match=r"within 0\.1 s"):
        await fetch("http://site.example/", limits=Limits(seconds=0.1), resolve=hangs)


async def test_a_server_that_says_nothing_is_too_slow() -> None:
    with socket.create_server((INSIDE, 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(NoUsableAnswer, match=r"within 0\.3 s"):
            await fetch(
                f"http://site.example:{port}/",
                limits=Limits(seconds=0.3, ports=frozenset({port})),
                allowed=only_the_test_net,
                resolve=finding(INSIDE),
            )


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(UnsafeUrl, match="not on the public internet"):
        await fetch("http://site.example/", resolve=finding(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:7f00:1]", "[64:ff9b::a00:1]"])
async def test_an_address_inside_is_refused(host: str) -> None:
    with pytest.raises(UnsafeUrl, match="not on the public internet"):
        await fetch(f"http://{host}/", resolve=finding(PUBLIC))


async def test_one_address_inside_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(UnsafeUrl, match="not on the public internet"):
        await fetch("http://site.example/", resolve=finding([PUBLIC, "192.168.0.1"]))


async def test_a_name_that_changes_its_address_is_asked_where_it_was_first(site: Site) -> None:
    """DNS rebinding: good at the check, inside when it is connected to."""
    seen: list[str] = []
    changing = finding(INSIDE, FURTHER_INSIDE)

    async def resolve(host: str) -> Sequence[str]:
        seen.append(host)
        return await changing(host)

    answer = await fetch(site.url("/hook"), limits=site.limits, allowed=only_the_test_net, resolve=resolve)
    assert (answer.status, seen) == (200, ["site.example"])


@pytest.mark.parametrize("other", ["127.0.0.1", "9.9.9.10", "::1"])
def test_no_socket_is_made_for_an_address_that_was_not_looked_up(other: str) -> None:
    make = _only_to([ip_address(PUBLIC)])
    family = socket.AF_INET6 if ":" in other else socket.AF_INET
    with pytest.raises(OSError, match="another address"):
        make((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (other, 80)))
    make((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (PUBLIC, 80))).close()


async def test_no_proxy_of_the_environment_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await site.get("/hook")).status == 200


async def test_nothing_is_remembered_between_two_requests(site: Site) -> None:
    await site.get("/cookies")
    assert (await site.get("/cookies")).body == b"none"


async def test_a_name_without_an_address_is_no_answer() -> None:
    with pytest.raises(NoUsableAnswer, match="has no address"):
        await fetch("http://site.example/", resolve=finding([]))


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"])
async def test_an_error_shows_the_host_and_nothing_else_of_the_url(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, INSIDE, 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NoUsableAnswer) as failed:
            await fetch(
                f"http://site.example:{port}/canary?key=canary",
                limits=Limits(seconds=20, ports=frozenset({port})),
                allowed=only_the_test_net,
                resolve=finding(INSIDE),
            )
    assert "site.example" in str(failed.value)
    assert "canary" not in str(failed.value)
    assert failed.value.__cause__ is None
