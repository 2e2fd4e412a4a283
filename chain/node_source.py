"""A node behind the interface that a recording shares with it."""

from collections.abc import AsyncIterator, Callable, Mapping
from time import time

from chain.client import ChainClient, quantity
from chain.errors import ConfigurationError, HistoryUnavailable, NodeUnavailable, RpcError
from chain.follower import Follower
from chain.networks import Network
from chain.pools import PoolState, discover, load_states
from chain.sanity import sane_answers
from chain.simulate import NodeWitness
from chain.source import MarketStart
from dex.amm import ConcentratedPool
from dex.market.events import BlockUpdate
from dex.market.pools import PoolInfo
from dex.types import Address, BlockRef


class NodeSource:
    """Pools of the network's listed tokens, loaded at one block and followed from there.

    New pools are told as ``PoolLaunched`` and not loaded. The caller owns ``client`` until ``close``, which closes it.
    """

    def __init__(
        self, client: ChainClient, network: Network, *, window: int = 128, clock: Callable[[], float] = time
    ) -> None:
        self._client = client
        self._network = network
        self._window = window
        self._clock = clock
        self._witness = NodeWitness(client, network)
        self._follower: Follower | None = None

    @property
    def chain_id(self) -> int:
        return self._network.chain_id

    @property
    def network(self) -> Network:
        return self._network

    @property
    def client(self) -> ChainClient:
        return self._client

    @property
    def witness(self) -> NodeWitness:
        return self._witness

    @property
    def head_seen_at(self) -> float | None:
        """When the last block was seen, on this source's clock; None before ``start``."""
        return None if self._follower is None else self._follower.head_seen_at

    async def head(self) -> BlockRef:
        return await self._block(None)

    async def suggested_tip(self) -> int:
        try:
            return quantity(await self._client.call("eth_maxPriorityFeePerGas"), "eth_maxPriorityFeePerGas")
        except RpcError:
            # Older and smaller nodes suggest a whole price only: what is above the base fee is the tip.
            price = quantity(await self._client.call("eth_gasPrice"), "eth_gasPrice")
            base_fee = (await self.head()).base_fee_per_gas
            return 0 if base_fee is None else max(0, price - base_fee)

    async def start(self, at_block: int | None = None) -> MarketStart:
        """See ``MarketSource``. Raises ``WrongChain``, ``HistoryUnavailable`` and the client's ``Retryable`` errors."""
        with sane_answers(self._client.node):
            return await self._start(at_block)

    async def _start(self, at_block: int | None) -> MarketStart:
        await self._client.check_chain_id(self._network.chain_id)
        block = await self._block(at_block)
        tokens = {token.address: token for token in self._network.tokens}
        newest = block if at_block is None else await self._block(None)
        pools = await discover(self._client, self._network, list(tokens), newest)
        if not pools:
            raise ConfigurationError(f"no pools of the listed tokens exist on {self._network.name}")
        states = await self._load(pools, block, newest)
        # A pool that was created but never given a price cannot trade; its first Initialize is not followed either.
        living = {
            address: state
            for address, state in states.items()
            if not (isinstance(state, ConcentratedPool) and state.sqrt_price_x96 == 0)
        }
        self._follower = Follower(
            self._client,
            block,
            pools=living,
            factories=self._network.factories,
            block_time=self._network.block_time,
            finality_blocks=self._network.finality_blocks,
            window=self._window,
            clock=self._clock,
        )
        return MarketStart(
            block=block, tokens=tokens, pools={address: pools[address] for address in living}, states=living
        )

    async def states(self, pools: Mapping[Address, PoolInfo], block: BlockRef) -> Mapping[Address, PoolState]:
        """The states of ``pools`` at the end of ``block``, read from the node; raises as ``start`` does."""
        with sane_answers(self._client.node):
            return await load_states(self._client, pools, block)

    def updates(self) -> AsyncIterator[BlockUpdate]:
        """See ``MarketSource``. After a ``Retryable`` error call it again: it goes on where it stopped."""
        if self._follower is None:
            raise RuntimeError("start() comes before updates()")
        return self._sane(self._follower.updates())

    async def _sane(self, updates: AsyncIterator[BlockUpdate]) -> AsyncIterator[BlockUpdate]:
        with sane_answers(self._client.node):
            async for update in updates:
                yield update

    async def close(self) -> None:
        await self._client.close()

    async def _load(
        self, pools: Mapping[Address, PoolInfo], block: BlockRef, newest: BlockRef
    ) -> Mapping[Address, PoolState]:
        """States at ``block`` of the pools that there are at ``newest``: a market that starts earlier misses none."""
        try:
            return await load_states(self._client, pools, block)
        except RpcError as error:
            if block.number == newest.number:
                raise
            raise HistoryUnavailable(f"at block {block.number} some pool was not there yet") from error

    async def _block(self, number: int | None) -> BlockRef:
        block = await self._client.block("latest" if number is None else number)
        if block is not None:
            return block
        if number is None:
            raise NodeUnavailable(f"node {self._client.node} has no blocks")
        raise HistoryUnavailable(
            f"node {self._client.node} has no block {number}: another chain, or one that was reset"
        )
