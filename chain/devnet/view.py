"""What actors see before a block is made, and how it is read from the node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode

from chain.devnet.chronicle import Chronicle
from chain.devnet.codec import call
from chain.devnet.pricing import PoolState, V2State, V3State, pool_price, ratio
from chain.devnet.rpc import Rpc
from chain.devnet.world import DevnetPool, World
from dex.market.pools import Protocol
from dex.types import Address

Request = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The world before block ``number``; ``states`` are the pools' at the end of the block before it.

    ``base_fee`` (wei) is that of the block before; ``prices`` are the outside reference, dollars a whole token.
    """

    number: int
    seed: int
    base_fee: int
    world: World
    prices: Mapping[str, float]
    states: Mapping[Address, PoolState]
    chronicle: Chronicle
    rpc: Rpc

    def gap(self, pool: DevnetPool) -> float:
        """How far the outside price of token0 is above the pool's, relative."""
        numerator, denominator = ratio(pool, self.prices[pool.token0.symbol], self.prices[pool.token1.symbol])
        return numerator / denominator / pool_price(self.states[pool.address]) - 1

    def read(self, to: Address, signature: str, types: Sequence[str], *arguments: Any) -> tuple[Any, ...]:
        """One contract read at the head."""
        answer = self.rpc.call("eth_call", {"to": to, "data": call(signature, *arguments)}, "latest")
        return decode(types, bytes.fromhex(answer[2:]))


def state_requests(pools: Sequence[DevnetPool]) -> list[Request]:
    requests: list[Request] = []
    for pool in pools:
        reads = ("getReserves()",) if pool.protocol is Protocol.V2 else ("slot0()", "liquidity()")
        requests += [("eth_call", [{"to": pool.address, "data": call(read)}, "latest"]) for read in reads]
    return requests


def parse_states(pools: Sequence[DevnetPool], answers: Sequence[str]) -> dict[Address, PoolState]:
    words = iter(answers)
    states: dict[Address, PoolState] = {}
    for pool in pools:
        head = next(words)[2:]
        first, second = int(head[:64], 16), int(head[64:128], 16)
        if pool.protocol is Protocol.V2:
            states[pool.address] = V2State(reserve0=first, reserve1=second)
        else:
            tick = second - 2**256 if second >= 2**255 else second
            states[pool.address] = V3State(sqrt_price_x96=first, tick=tick, liquidity=int(next(words), 16))
    return states
