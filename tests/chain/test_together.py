"""Requests of many at one moment: how they are sent, and whose trouble a bad one is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chain.client import BATCH_LIMIT, ChainClient
from chain.errors import HistoryUnavailable, RpcError
from chain.together import Together
from tests.support.faulty_node import Answer, FaultyNode, faulty
from tests.support.small_market import SmallMarket

pytestmark = pytest.mark.anvil


class Counting(ChainClient):
    """Knows how many requests each HTTP body had."""

    sent: list[int]

    async def call(self, method: str, params: Sequence[object] = ()) -> Any:
        self.sent.append(1)
        return await super().call(method, params)

    async def batch_outcomes(self, requests: Sequence[Any], *, ahead: bool = False) -> list[Any]:
        self.sent.append(len(requests))
        return await super().batch_outcomes(requests, ahead=ahead)


@asynccontextmanager
async def asking(market: SmallMarket) -> AsyncIterator[tuple[Together, Counting, FaultyNode]]:
    async with faulty(market.node.url) as node:
        client = Counting([node.url], sleep=lambda _: asyncio.sleep(0))
        client.sent = []
        try:
            yield Together(client), client, node
        finally:
            await client.close()


def block(number: int) -> tuple[str, list[object]]:
    return "eth_getBlockByNumber", [hex(number), False]


async def test_what_is_asked_at_once_shares_a_request_and_each_gets_its_own_answer(market: SmallMarket) -> None:
    async with asking(market) as (together, client, _):
        blocks = await asyncio.gather(*(together.call(*block(number)) for number in (3, 1, 2)))
    assert [int(one["number"], 16) for one in blocks] == [3, 1, 2]
    assert client.sent == [3]


async def test_one_alone_is_sent_as_it_is(market: SmallMarket) -> None:
    async with asking(market) as (together, client, _):
        assert int(await together.call("eth_chainId"), 16) == 31337
    assert client.sent == [1]


async def test_more_than_a_node_takes_go_in_several_requests(market: SmallMarket) -> None:
    async with asking(market) as (together, client, _):
        await asyncio.gather(*(together.call("eth_chainId") for _ in range(BATCH_LIMIT + 1)))
    assert sorted(client.sent) == [1, BATCH_LIMIT]


async def test_a_refused_call_is_the_trouble_of_the_one_who_asked(market: SmallMarket) -> None:
    async with asking(market) as (together, _, _):
        good, bad = await asyncio.gather(together.call("eth_chainId"), together.call("eth_no"), return_exceptions=True)
    assert int(good, 16) == 31337
    assert isinstance(bad, RpcError)


async def test_history_that_is_gone_for_one_fails_nobody_else(market: SmallMarket) -> None:
    def pruned(method: str, answer: Answer) -> Answer:
        if method != "eth_getBalance":
            return answer
        return {**{k: v for k, v in answer.items() if k != "result"}, "error": {"message": "missing trie node"}}

    async with asking(market) as (together, _, node):
        node.edit = pruned
        good, bad = await asyncio.gather(
            together.call("eth_chainId"),
            together.call("eth_getBalance", [market.weth, "0x1"]),
            return_exceptions=True,
        )
    assert int(good, 16) == 31337
    assert isinstance(bad, HistoryUnavailable)


async def test_a_node_that_takes_no_batches_is_asked_one_by_one(market: SmallMarket) -> None:
    def refuse(method: str, answer: Answer) -> Answer:
        many = node.seen.count("eth_chainId") == 2
        shell = {k: v for k, v in answer.items() if k != "result"}
        return {**shell, "error": {"code": -32600, "message": "batches are not offered"}} if many else answer

    async with asking(market) as (together, client, node):
        node.edit = refuse
        answers = await asyncio.gather(*(together.call("eth_chainId") for _ in range(2)))
    assert [int(answer, 16) for answer in answers] == [31337, 31337]
    assert client.sent == [2, 1, 1]


async def test_one_who_stops_waiting_takes_nobody_along(market: SmallMarket) -> None:
    async with asking(market) as (together, _, _):
        leaving = asyncio.ensure_future(together.call("eth_chainId"))
        staying = asyncio.ensure_future(together.call("eth_chainId"))
        await asyncio.sleep(0)
        leaving.cancel()
        assert int(await staying, 16) == 31337
