"""The client over good, bad and changing nodes."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chain.client import ChainClient, is_safe
from chain.errors import ConfigurationError, HistoryUnavailable, NodeDisagrees, NodeUnavailable, RpcError, WrongChain
from chain.rpc_errors import error_of
from tests.support.faulty_node import Answer, FaultyNode, faulty
from tests.support.small_market import SmallMarket

pytestmark = pytest.mark.anvil

SECRET = "a1b2c3-api-key"


class Clock:
    """Moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@asynccontextmanager
async def over(
    market: SmallMarket, count: int = 1, *, timeout: float = 5.0
) -> AsyncIterator[tuple[ChainClient, list[FaultyNode], Clock]]:
    clock = Clock()
    async with faulty(market.node.url) as first, faulty(market.node.url) as second:
        nodes = [first, second][:count]
        urls = [f"{node.url}/v3/{SECRET}" for node in nodes]
        client = ChainClient(urls, timeout=timeout, clock=clock, sleep=clock.sleep)
        try:
            yield client, nodes, clock
        finally:
            await client.close()


async def test_a_call_gives_the_result(market: SmallMarket) -> None:
    async with over(market) as (client, _, _):
        assert await client.call("eth_chainId") == hex(31337)


async def test_a_batch_keeps_the_order_over_many_bodies(market: SmallMarket) -> None:
    async with over(market) as (client, _, _):
        blocks = await client.batch([("eth_getBlockByNumber", [hex(n % 20), False]) for n in range(250)])
    assert [int(block["number"], 16) for block in blocks] == [n % 20 for n in range(250)]


async def test_a_node_s_own_error_carries_code_and_data(market: SmallMarket) -> None:
    async with over(market) as (client, _, _):
        with pytest.raises(RpcError) as caught:
            await client.call("eth_nonsense")
    assert caught.value.code == -32601


async def test_an_error_inside_a_batch_leaves_the_other_results(market: SmallMarket) -> None:
    async with over(market) as (client, _, _):
        chain_id, error = await client.batch_outcomes([("eth_chainId", []), ("eth_nonsense", [])])
    assert chain_id == hex(31337)
    assert isinstance(error, RpcError)


async def test_a_read_is_retried_until_the_node_recovers(market: SmallMarket) -> None:
    async with over(market) as (client, [node], _):
        node.failures = 3
        assert await client.call("eth_chainId") == hex(31337)


async def test_a_transaction_is_never_sent_twice(market: SmallMarket) -> None:
    async with over(market) as (client, [node], _):
        node.status = 503
        with pytest.raises(NodeUnavailable):
            await client.call("eth_sendRawTransaction", ["0x00"])
    assert node.seen == ["eth_sendRawTransaction"]


def test_only_reads_are_safe_to_repeat() -> None:
    assert is_safe("eth_call")
    assert is_safe("eth_getLogs")
    assert not is_safe("eth_sendRawTransaction")
    assert not is_safe("evm_mine")


@pytest.mark.parametrize(
    ("fault", "value", "said"),
    [
        ("status", 500, "HTTP 500"),
        ("status", 401, "HTTP 401"),
        ("body", b"<html>busy</html>", "not JSON"),
        ("body", b"\xff\xfe", "not JSON"),
        ("body", b"[]", "not JSON-RPC"),
        ("body", b'{"jsonrpc":"2.0","id":1}', "not JSON-RPC"),
        ("body", b"", "not JSON"),
    ],
)
async def test_a_babbling_node_is_unavailable(market: SmallMarket, fault: str, value: object, said: str) -> None:
    async with over(market) as (client, [node], _):
        setattr(node, fault, value)
        with pytest.raises(NodeUnavailable, match=said):
            await client.call("eth_chainId")


@pytest.mark.parametrize(
    "body", [b"[]", b'[{"id":1,"result":"0x1"}]', b'[{"result":"0x1"},{"result":"0x1"}]', b'{"a":1}']
)
async def test_an_incomplete_batch_is_unavailable(market: SmallMarket, body: bytes) -> None:
    async with over(market) as (client, [node], _):
        node.body = body
        with pytest.raises(NodeUnavailable):
            await client.batch([("eth_chainId", []), ("eth_blockNumber", [])])


async def test_a_slow_node_is_given_up(market: SmallMarket) -> None:
    async with over(market, timeout=0.1) as (client, [node], _):
        node.delay = 1.0
        with pytest.raises(NodeUnavailable, match=r"0\.1 s"):
            await client.call("eth_chainId")


async def test_no_error_and_no_log_shows_the_url_s_key(market: SmallMarket, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with over(market, timeout=0.2) as (client, [node], _):
        await client.call("eth_chainId")
        for fault, value in (("status", 500), ("body", b"x"), ("delay", 1.0)):
            setattr(node, fault, value)
            with pytest.raises(NodeUnavailable) as caught:
                await client.call("eth_chainId")
            assert SECRET not in str(caught.value)
            assert caught.value.__suppress_context__
    ours = [record for record in caplog.records if not record.name.startswith("aiohttp.access")]  # the proxy's own
    assert SECRET not in " ".join(record.getMessage() for record in ours)


@pytest.mark.parametrize(
    "url", ["", "localhost:8545", "ftp://node", "http:///path", "file:///etc/passwd", "http://[bad"]
)
def test_a_url_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ChainClient([url])
    assert url == "" or url not in str(caught.value)


def test_no_url_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        ChainClient([])


async def test_the_next_node_answers_for_a_dead_one(market: SmallMarket) -> None:
    async with over(market, 2) as (client, [first, second], _):
        first.status = 500
        assert await client.call("eth_chainId") == hex(31337)
        assert "eth_chainId" in second.seen


async def test_a_failed_node_is_left_alone_for_a_while_and_then_preferred_again(market: SmallMarket) -> None:
    async with over(market, 2) as (client, [first, _], clock):
        first.status = 500
        await client.call("eth_chainId")
        first.seen.clear()
        await client.call("eth_gasPrice")
        assert "eth_gasPrice" not in first.seen
        first.status = None
        clock.now += 60
        await client.call("eth_gasPrice")
        assert "eth_gasPrice" in first.seen


async def test_a_lagging_node_is_not_asked(market: SmallMarket) -> None:
    async with over(market, 2) as (client, [first, _], _):
        first.lag = 4
        await client.call("eth_chainId")
        assert "eth_chainId" not in first.seen


async def test_a_node_a_little_behind_is_still_asked(market: SmallMarket) -> None:
    async with over(market, 2) as (client, [first, _], _):
        first.lag = 3
        await client.call("eth_chainId")
        assert "eth_chainId" in first.seen


async def test_state_that_is_gone_is_not_asked_for_again(market: SmallMarket) -> None:
    def pruned(method: str, answer: Answer) -> Answer:
        return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32000, "message": "missing trie node 12"}}

    async with over(market) as (client, [node], _):
        node.edit = pruned
        with pytest.raises(HistoryUnavailable):
            await client.call("eth_getBalance", [market.weth, "0x1"])
        assert node.seen == ["eth_getBalance"]


async def test_another_node_may_still_hold_the_state(market: SmallMarket) -> None:
    def pruned(method: str, answer: Answer) -> Answer:
        return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32000, "message": "missing trie node 12"}}

    async with over(market, 2) as (client, [first, second], _):
        first.edit = pruned
        assert await client.call("eth_getBalance", [market.weth, "0x1"]) == "0x0"
        assert "eth_getBalance" in second.seen


async def test_another_chain_is_refused(market: SmallMarket) -> None:
    async with over(market, 2) as (client, [_, second], _):
        await client.check_chain_id(31337)
        second.chain_id = 1
        with pytest.raises(WrongChain, match="serves chain 1, not 31337"):
            await client.check_chain_id(31337)


async def test_a_dead_second_node_does_not_stop_the_chain_id_check(market: SmallMarket) -> None:
    async with over(market, 2) as (client, [_, second], _):
        second.status = 500
        await client.check_chain_id(31337)


async def test_a_node_that_changes_a_block_s_parent_contradicts_itself(market: SmallMarket) -> None:
    async with over(market) as (client, [node], _):
        await client.block(5)
        node.edit = forged_parent
        with pytest.raises(NodeDisagrees):
            await client.block(5)


async def test_nodes_with_different_hashes_of_one_block_disagree(market: SmallMarket) -> None:
    async with over(market, 2) as (client, [_, second], _):
        await client.compare_peers(5)
        second.edit = forged_hash
        with pytest.raises(NodeDisagrees):
            await client.compare_peers(5)


async def test_an_unknown_block_is_none(market: SmallMarket) -> None:
    async with over(market) as (client, _, _):
        assert await client.block(10**6) is None


async def test_a_node_that_is_not_there_is_unavailable() -> None:
    clock = Clock()
    client = ChainClient(["http://127.0.0.1:9"], timeout=1, clock=clock, sleep=clock.sleep)
    with pytest.raises(NodeUnavailable, match="cannot be reached"):
        await client.call("eth_chainId")
    await client.close()


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("missing trie node 1234 (path )", "HistoryUnavailable"),
        ("required historical state unavailable (reexec=128)", "HistoryUnavailable"),
        ("header not found", "UnknownBlock"),
        ("BlockOutOfRangeError: block height is 3 but requested was 153", "UnknownBlock"),
        ("BlockOutOfRangeError: block height is 153 but requested was 3", "HistoryUnavailable"),
        ("rate limit exceeded", "NodeUnavailable"),
        ("execution reverted", "RpcError"),
        ("query returned more than 10000 results", "RpcError"),
    ],
)
def test_an_error_s_class_says_what_to_do(message: str, kind: str) -> None:
    assert type(error_of({"code": -32000, "message": message}, node="n")).__name__ == kind


def test_a_revert_whose_text_imitates_a_node_s_error_stays_a_revert() -> None:
    error = error_of({"code": 3, "message": "execution reverted: missing trie node", "data": "0x08c379a0"}, node="n")
    assert type(error) is RpcError


def forged_parent(method: str, answer: Answer) -> Answer:
    return _forged(method, answer, "parentHash")


def forged_hash(method: str, answer: Answer) -> Answer:
    return _forged(method, answer, "hash")


def _forged(method: str, answer: Answer, key: str) -> Answer:
    if method != "eth_getBlockByNumber":
        return answer
    return {**answer, "result": {**answer["result"], key: "0x" + "12" * 32}}
