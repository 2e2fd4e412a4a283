"""A JSON-RPC proxy in front of a real node that injects the faults which real nodes show."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

Answer = dict[str, Any]


@dataclass(slots=True)
class FaultyNode:
    """What to do to requests; a test changes these while the proxy runs.

    ``missing`` methods do not exist. ``status`` and ``body`` replace every HTTP answer. ``delay`` is seconds.
    ``chain_id`` replaces the node's. ``lag`` hides that many newest blocks. ``without_overrides`` ignores the third
    parameter of eth_call and eth_estimateGas. ``in_order`` refuses simulated blocks that do not come after the pinned
    one, as geth does. ``failures`` is how many requests fail with HTTP 503 before the next is answered. ``edit`` may
    change any answer.
    """

    upstream: str
    url: str = ""
    missing: set[str] = field(default_factory=set)
    status: int | None = None
    body: bytes | None = None
    delay: float = 0.0
    chain_id: int | None = None
    lag: int = 0
    without_overrides: bool = False
    in_order: bool = False
    failures: int = 0
    edit: Callable[[str, Answer], Answer] | None = None
    seen: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        self.seen += [one["method"] for one in (asked if isinstance(asked, list) else [asked])]
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.failures > 0:
            self.failures -= 1
            return web.Response(status=503, text="overloaded")
        if self.status is not None or self.body is not None:
            return web.Response(status=self.status or 200, body=self.body or b"")
        async with aiohttp.ClientSession() as session:
            head = await self._head(session)
            if isinstance(asked, list):
                return web.json_response([await self._answer(session, one, head) for one in asked])
            return web.json_response(await self._answer(session, asked, head))

    async def _answer(self, session: aiohttp.ClientSession, asked: Answer, head: int) -> Answer:
        method, params, shell = asked["method"], asked["params"], {"jsonrpc": "2.0", "id": asked["id"]}
        if method in self.missing:
            return {**shell, "error": {"code": -32601, "message": f"the method {method} does not exist"}}
        if method == "eth_chainId" and self.chain_id is not None:
            return {**shell, "result": hex(self.chain_id)}
        if method == "eth_blockNumber":
            return {**shell, "result": hex(head)}
        if method == "eth_getBlockByNumber":
            number = head if params[0] == "latest" else int(params[0], 16)
            if number > head:
                return {**shell, "result": None}
            asked = {**asked, "params": [hex(number), *params[1:]]}
        if self.without_overrides and method in ("eth_call", "eth_estimateGas"):
            asked = {**asked, "params": params[:2]}
        if self.in_order and method == "eth_simulateV1" and not await self._comes_after(session, params):
            return {**shell, "error": {"code": -38020, "message": "block numbers must be in order"}}
        answer = await self._forward(session, asked)
        return answer if self.edit is None else self.edit(method, answer)

    async def _comes_after(self, session: aiohttp.ClientSession, params: list[Any]) -> bool:
        block_hash = params[1]["blockHash"]
        base = await self._forward(
            session, {"jsonrpc": "2.0", "id": 0, "method": "eth_getBlockByHash", "params": [block_hash, False]}
        )
        wanted = params[0]["blockStateCalls"][0]["blockOverrides"]
        after = int(wanted["number"], 16) > int(base["result"]["number"], 16)
        return after and int(wanted["time"], 16) > int(base["result"]["timestamp"], 16)

    async def _head(self, session: aiohttp.ClientSession) -> int:
        answer = await self._forward(session, {"jsonrpc": "2.0", "id": 0, "method": "eth_blockNumber", "params": []})
        return int(answer["result"], 16) - self.lag

    async def _forward(self, session: aiohttp.ClientSession, asked: Answer) -> Answer:
        async with session.post(self.upstream, json=asked) as response:
            answer: Answer = await response.json()
            return answer


@asynccontextmanager
async def faulty(upstream: str) -> AsyncIterator[FaultyNode]:
    """A proxy before ``upstream`` on a free port, without faults until the test sets some."""
    node = FaultyNode(upstream)
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/{anything:.*}", node.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    node.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    try:
        yield node
    finally:
        await runner.cleanup()
