"""Follows a chain block by block: no gaps, reorgs undone, and each block's logs its own."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from time import time
from typing import Any

from chain import logs
from chain.client import ChainClient, block_ref
from chain.errors import NodeDisagrees, NodeUnavailable
from dex.errors import DexError, HaltSession
from dex.market.events import BlockUpdate, PoolEvent
from dex.types import Address, BlockRef

CATCH_UP_LIMIT = 32
"""Blocks fetched in one batch while behind."""
COMPARE_EVERY = 64
"""Blocks between two looks at whether all nodes tell the same history."""
_LOWEST_POLL, _HIGHEST_POLL = 0.02, 1.0

Fetched = tuple[BlockRef, list[logs.Log] | None]
"""A header and its logs; None where the node could not say whose logs they are."""


class Follower:
    """Yields every block after ``start``, each with the events of ``pools`` and ``factories`` in log order.

    A block comes by one batch of header, logs and the previous block's header, so that a reorg shows at once. The last
    ``window`` blocks are remembered; a reorg that reaches behind them, or behind ``start``, raises ``HaltSession``.
    Other errors of ``updates`` are ``Retryable``: call it again, and it goes on after the last block it gave.
    """

    def __init__(
        self,
        client: ChainClient,
        start: BlockRef,
        *,
        pools: Iterable[Address],
        factories: Iterable[Address],
        block_time: float,
        finality_blocks: int = 0,
        window: int = 128,
        clock: Callable[[], float] = time,
    ) -> None:
        self._client = client
        self._recent: deque[BlockRef] = deque([start], maxlen=window)
        self._factories = frozenset(factories)
        self._filter = {"address": [*pools, *self._factories], "topics": [list(logs.TOPICS)]}
        self._poll = min(max(block_time / 20, _LOWEST_POLL), _HIGHEST_POLL)
        self._finality = max(finality_blocks, 2)
        self._clock = clock
        self._removed: list[BlockRef] = []
        self._span = 1
        self._to_compare: int | None = None
        self.head_seen_at = clock()
        """Clock time at which the last block was seen."""

    @property
    def last(self) -> BlockRef:
        """The last block given, or the one to go on from after a reorg."""
        return self._recent[-1]

    async def updates(self) -> AsyncIterator[BlockUpdate]:
        while True:
            await self._compare()
            fetched = await self._next_blocks()
            for block, raw in fetched:
                if block.parent_hash != self.last.hash:
                    await self._step_back()
                    break
                update = BlockUpdate(block=block, events=await self._events(block, raw), removed=tuple(self._removed))
                self._removed.clear()
                self._recent.append(block)
                self.head_seen_at = self._clock()
                if block.number % COMPARE_EVERY == 0:
                    self._to_compare = block.number - self._finality
                yield update
            if not fetched:
                await self._client.wait_head(self._poll)

    async def _next_blocks(self) -> list[Fetched]:
        """Blocks after the last one, as far as the node has them; steps back first when the last one is gone."""
        first = self.last.number + 1
        numbers = range(first, first + self._span)
        requests: list[tuple[str, list[object]]] = [("eth_getBlockByNumber", [hex(first - 1), False])]
        for number in numbers:
            requests.append(("eth_getBlockByNumber", [hex(number), False]))
            requests.append(("eth_getLogs", [{**self._filter, "fromBlock": hex(number), "toBlock": hex(number)}]))
        last, *answers = await self._client.batch_outcomes(requests, ahead=True)
        before = _header(last)
        if before is None:
            # The node has lost our last block: it lags, or a reorg to a shorter chain is under way.
            self._span = 1
            return []
        if before.hash != self.last.hash:
            await self._step_back()
            return []
        fetched: list[Fetched] = []
        for number, header, found in zip(numbers, answers[::2], answers[1::2], strict=True):
            block = _header(header)
            if block is None:
                break
            if block.number != number:
                raise NodeDisagrees(f"node {self._client.node} answered block {block.number} for {number}")
            fetched.append((block, _own_logs(block, found)))
        self._span = min(2 * self._span, CATCH_UP_LIMIT) if len(fetched) == self._span else 1
        return fetched

    async def _step_back(self) -> None:
        """Takes blocks off until one is the node's own again; they are told with the next block."""
        self._span = 1
        while True:
            own = await self._client.block(self.last.number)
            if own is None:
                raise NodeUnavailable(f"node {self._client.node} lost block {self.last.number} during a reorg")
            if own.hash == self.last.hash:
                return
            if len(self._recent) == 1:
                raise HaltSession(
                    f"a reorg reaches behind block {self.last.number}, the oldest one remembered: start again"
                )
            self._removed.append(self._recent.pop())

    async def _events(self, block: BlockRef, raw: list[logs.Log] | None) -> tuple[PoolEvent, ...]:
        if raw is None:
            found = await self._client.call("eth_getLogs", [{**self._filter, "blockHash": block.hash}])
            raw = _own_logs(block, found, by_hash=True)
            if raw is None:
                raise NodeDisagrees(f"node {self._client.node} gives block {block.number} the logs of another one")
        return logs.decode_all(raw, factories=self._factories)

    async def _compare(self) -> None:
        if self._to_compare is not None:
            await self._client.compare_peers(self._to_compare)
            self._to_compare = None


def _header(answer: Any) -> BlockRef | None:
    return None if isinstance(answer, DexError) else block_ref(answer)


def _own_logs(block: BlockRef, answer: Any, *, by_hash: bool = False) -> list[logs.Log] | None:
    """The logs if they surely belong to ``block``.

    A range query may have been answered from another branch than the header; no logs at all prove nothing then.
    """
    if not isinstance(answer, list):
        return None
    if not all(isinstance(log, dict) for log in answer):
        raise NodeUnavailable("a node answered malformed logs")
    if any(log.get("blockHash") != block.hash or log.get("removed") is True for log in answer):
        return None
    return answer if answer or by_hash else None
