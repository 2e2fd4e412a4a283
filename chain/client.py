"""Asynchronous JSON-RPC to one chain over one or several nodes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from chain.errors import ConfigurationError, HistoryUnavailable, NodeDisagrees, NodeUnavailable, WrongChain
from chain.failover import Node, asking_order
from chain.rpc_errors import UnknownBlock, error_of
from chain.transport import Request, Response, Transport, open_transport
from dex.errors import DexError
from dex.types import BlockRef

BATCH_LIMIT = 100
"""Requests in one HTTP body; hosted nodes refuse more."""
BACKOFF_SECONDS = (0.1, 0.4, 1.0)
HEADS_EVERY_SECONDS = 5.0

Ask = Callable[[Transport], Awaitable[list[Response]]]

_SAFE_PREFIXES = ("eth_get", "debug_trace", "net_", "web3_")
_SAFE = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_createAccessList",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_gasPrice",
        "eth_maxPriorityFeePerGas",
        "eth_simulateV1",
        "eth_syncing",
    }
)


def is_safe(method: str) -> bool:
    """Whether ``method`` only reads, so that asking twice, or another node, changes nothing."""
    return method in _SAFE or method.startswith(_SAFE_PREFIXES)


class ChainClient:
    """Asks the first healthy, current node; reads are retried with backoff and fail over, everything else is sent once.

    ``timeout`` is seconds for one request. Errors: ``NodeUnavailable`` when no node answers, ``HistoryUnavailable``
    when the state asked for is gone everywhere, ``NodeDisagrees``, ``WrongChain``, and ``RpcError`` with the node's own
    code and data.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        timeout: float = 10,
        max_lag: int = 3,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if not urls:
            raise ConfigurationError("no RPC URL given")
        self._nodes = [Node(transport=open_transport(url, timeout=timeout)) for url in urls]
        self._max_lag = max_lag
        self._clock = clock
        self._sleep = sleep
        self._heads_at: float | None = None

    @property
    def node(self) -> str:
        """Host of the node that the next request goes to."""
        return self._order()[0].name

    @property
    def healthy(self) -> Mapping[str, bool]:
        """By host: whether the node's last request was answered."""
        return {node.name: node.failures == 0 for node in self._nodes}

    async def call(self, method: str, params: Sequence[object] = ()) -> Any:
        """The ``result`` of one request."""

        async def ask(transport: Transport) -> list[Response]:
            return [await transport.request(method, params)]

        [result] = await self._ask(ask, ((method, params),))
        if isinstance(result, DexError):
            raise result
        return result

    async def batch(self, requests: Sequence[Request]) -> list[Any]:
        """The results in order; raises the first error among them."""
        results = await self.batch_outcomes(requests)
        for result in results:
            if isinstance(result, DexError):
                raise result
        return results

    async def batch_outcomes(self, requests: Sequence[Request], *, ahead: bool = False) -> list[Any]:
        """Like ``batch``, but a request that the node refused has its ``RpcError`` in its place.

        With ``ahead`` the requests may be about blocks to come: ``UnknownBlock`` is then an outcome too, not a failure.
        """
        parts = [requests[i : i + BATCH_LIMIT] for i in range(0, len(requests), BATCH_LIMIT)]
        answers = await asyncio.gather(*(self._batch_part(part, ahead=ahead) for part in parts))
        return [result for answer in answers for result in answer]

    async def check_chain_id(self, expected: int) -> None:
        """Raises ``WrongChain`` when any node that answers serves another chain than ``expected``."""
        answers = await asyncio.gather(*(self._ask_one(node, "eth_chainId") for node in self._nodes))
        known = [(node, answer) for node, answer in zip(self._nodes, answers, strict=True) if isinstance(answer, str)]
        if not known:
            raise NodeUnavailable("no node answers: " + ", ".join(node.name for node in self._nodes))
        for node, answer in known:
            if quantity(answer, "eth_chainId") != expected:
                raise WrongChain(f"node {node.name} serves chain {int(answer, 16)}, not {expected}")

    async def compare_peers(self, number: int) -> None:
        """Raises ``NodeDisagrees`` when two nodes that know block ``number`` name different hashes for it."""
        if len(self._nodes) == 1 or number < 0:
            return
        params = [hex(number), False]
        answers = await asyncio.gather(*(self._ask_one(node, "eth_getBlockByNumber", params) for node in self._nodes))
        hashes = {
            answer["hash"]: node.name for node, answer in zip(self._nodes, answers, strict=True) if _is_block(answer)
        }
        if len(hashes) > 1:
            raise NodeDisagrees(f"nodes {', '.join(sorted(hashes.values()))} disagree about block {number}")

    async def block(self, number: int | str = "latest") -> BlockRef | None:
        """A block by number, tag or 0x-hash; None where the node has none."""
        if isinstance(number, str) and len(number) == 66:
            return block_ref(await self.call("eth_getBlockByHash", [number, False]))
        tag = hex(number) if isinstance(number, int) else number
        return block_ref(await self.call("eth_getBlockByNumber", [tag, False]))

    async def wait_head(self, timeout: float) -> None:
        """Returns when a new block may be there: at once on a subscription's word, at the latest after ``timeout``."""
        node = self._order()[0]
        try:
            await node.transport.wait_head(timeout)
        except NodeUnavailable:
            node.failed(self._clock())
            await self._sleep(timeout)

    async def close(self) -> None:
        for node in self._nodes:
            await node.transport.close()

    async def _batch_part(self, requests: Sequence[Request], *, ahead: bool) -> list[Any]:
        async def ask(transport: Transport) -> list[Response]:
            return await transport.batch(requests)

        return await self._ask(ask, requests, ahead=ahead)

    async def _ask(self, ask: Ask, requests: Sequence[Request], *, ahead: bool = False) -> list[Any]:
        """Results and ``RpcError``s of the first node that can answer all of ``requests``."""
        safe = all(is_safe(method) for method, _ in requests)
        await self._refresh_heads()
        waits = BACKOFF_SECONDS if safe else ()
        for wait in (*waits, None):
            problem = await self._round(ask, requests, safe=safe, ahead=ahead)
            if isinstance(problem, list):
                return problem
            if wait is None or isinstance(problem, HistoryUnavailable):
                raise problem
            await self._sleep(wait)
        raise AssertionError("unreachable: the last wait is None")

    async def _round(
        self, ask: Ask, requests: Sequence[Request], *, safe: bool, ahead: bool
    ) -> list[Any] | NodeUnavailable | HistoryUnavailable:
        problem: NodeUnavailable | HistoryUnavailable = NodeUnavailable("no node is current")
        for node in self._order()[: None if safe else 1]:
            try:
                answers = await ask(node.transport)
            except NodeUnavailable as error:
                node.failed(self._clock())
                problem = error
                continue
            results = [_result(answer, node.name) for answer in answers]
            misses = [one for one in results if isinstance(one, NodeUnavailable | HistoryUnavailable)]
            if ahead:
                misses = [one for one in misses if not isinstance(one, UnknownBlock)]
            if misses:
                problem = misses[0]
                continue
            node.succeeded()
            for (method, _), result in zip(requests, results, strict=True):
                _observe(node, method, result)
            return results
        return problem

    def _order(self) -> list[Node]:
        return asking_order(self._nodes, now=self._clock(), max_lag=self._max_lag)

    async def _refresh_heads(self) -> None:
        now = self._clock()
        if len(self._nodes) == 1 or (self._heads_at is not None and now - self._heads_at < HEADS_EVERY_SECONDS):
            return
        self._heads_at = now
        answers = await asyncio.gather(*(self._ask_one(node, "eth_blockNumber") for node in self._nodes))
        for node, answer in zip(self._nodes, answers, strict=True):
            if isinstance(answer, str):
                node.head = quantity(answer, "eth_blockNumber")  # may go down: a node restored from a backup

    async def _ask_one(self, node: Node, method: str, params: Sequence[object] = ()) -> Any:
        try:
            return _result(await node.transport.request(method, params), node.name)
        except NodeUnavailable:
            node.failed(self._clock())
            return None


def quantity(value: object, what: str) -> int:
    """A JSON-RPC quantity as int; raises ``NodeUnavailable`` on anything else, because such a node is broken."""
    try:
        return int(str(value), 16)
    except ValueError:
        raise NodeUnavailable(f"a node answered {what} with no number") from None


def block_ref(header: Mapping[str, Any] | None) -> BlockRef | None:
    """The header of a JSON-RPC block; None for None. Raises ``NodeUnavailable`` on a malformed one."""
    if header is None:
        return None
    if not _is_block(header):
        raise NodeUnavailable("a node answered a block without its header")
    fee, used, limit = (header.get(key) for key in ("baseFeePerGas", "gasUsed", "gasLimit"))
    return BlockRef(
        number=quantity(header["number"], "block number"),
        hash=header["hash"],
        parent_hash=header["parentHash"],
        timestamp=quantity(header.get("timestamp"), "block time"),
        base_fee_per_gas=None if fee is None else quantity(fee, "base fee"),
        gas_used=None if used is None else quantity(used, "gas used"),
        gas_limit=None if limit is None else quantity(limit, "gas limit"),
    )


def _is_block(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(value.get(key), str) for key in ("number", "hash", "parentHash")
    )


def _result(answer: Response, node: str) -> Any:
    error = answer.get("error")
    return answer.get("result") if error is None else error_of(error, node=node)


def _observe(node: Node, method: str, result: Any) -> None:
    if method == "eth_blockNumber" and isinstance(result, str):
        node.saw_head(quantity(result, method))
    elif method in ("eth_getBlockByNumber", "eth_getBlockByHash") and _is_block(result):
        node.saw_header(quantity(result["number"], method), result["hash"], result["parentHash"])
