"""Random but lawful chains of pool events, made by trading on the pool models themselves."""

import random
from collections.abc import Mapping

from dex.amm import ConcentratedPool, ConstantProductPool
from dex.market.events import BlockUpdate, PoolEvent, PoolLaunched, V2Swap, V2Sync, V3Burn, V3Mint, V3Swap
from dex.market.pools import PoolInfo, Protocol
from dex.market.price import PoolState
from dex.types import Address, BlockRef

TOKEN0 = Address("0x" + "11" * 20)
TOKEN1 = Address("0x" + "22" * 20)
V2 = Address("0x" + "a2" * 20)
V3 = Address("0x" + "a3" * 20)
STRANGER = Address("0x" + "ff" * 20)

INFOS = {
    V2: PoolInfo(address=V2, protocol=Protocol.V2, token0=TOKEN0, token1=TOKEN1, fee_pips=3000, tick_spacing=None),
    V3: PoolInfo(address=V3, protocol=Protocol.V3, token0=TOKEN0, token1=TOKEN1, fee_pips=500, tick_spacing=10),
}


def genesis_states() -> dict[Address, PoolState]:
    pool = ConcentratedPool(sqrt_price_x96=2**96, tick=0, liquidity=0, fee_pips=500, tick_spacing=10, ticks={})
    pool, _, _ = pool.mint(-887270, 887270, 10**21)
    return {V2: ConstantProductPool(reserve0=10**21, reserve1=2 * 10**21, fee_pips=3000), V3: pool}


def block(number: int, *, fork: str = "a", parent_fork: str | None = None) -> BlockRef:
    return BlockRef(
        number=number,
        hash=f"{fork}{number}",
        parent_hash=f"{fork if parent_fork is None else parent_fork}{number - 1}",
        timestamp=1_000 + 12 * number,
        base_fee_per_gas=10**9,
        gas_used=1,
        gas_limit=2,
    )


class Actor:
    """Trades on its own copy of the pools, so that every event is one that could have happened."""

    def __init__(self, states: Mapping[Address, PoolState], seed: int) -> None:
        self.states = dict(states)
        self.rng = random.Random(seed)
        self.ranges: list[tuple[int, int, int]] = []

    def update(self, ref: BlockRef, removed: tuple[BlockRef, ...] = ()) -> BlockUpdate:
        events: list[PoolEvent] = []
        for _ in range(self.rng.randint(0, 4)):
            act = self.rng.choice((self._v2_swap, self._v3_swap, self._mint, self._burn, self._launch))
            events += act(ref.number, len(events))
        return BlockUpdate(block=ref, events=tuple(events), removed=removed)

    def _v2_swap(self, number: int, log: int) -> list[PoolEvent]:
        pool, result = self.states[V2].swap(self.rng.randint(10**15, 10**19), zero_for_one=self.rng.random() < 0.5)
        self.states[V2] = pool
        place = {"pool": V2, "block_number": number, "tx_index": log, "tx_hash": ""}
        return [
            V2Sync(**place, log_index=log, reserve0=pool.reserve0, reserve1=pool.reserve1),
            V2Swap(
                **place,
                log_index=log + 1,
                amount0_in=max(0, result.amount0),
                amount1_in=max(0, result.amount1),
                amount0_out=max(0, -result.amount0),
                amount1_out=max(0, -result.amount1),
            ),
        ]

    def _v3_swap(self, number: int, log: int) -> list[PoolEvent]:
        pool, result = self.states[V3].swap(self.rng.randint(10**15, 10**19), zero_for_one=self.rng.random() < 0.5)
        self.states[V3] = pool
        return [
            V3Swap(
                **self._place(number, log),
                amount0=result.amount0,
                amount1=result.amount1,
                sqrt_price_x96=pool.sqrt_price_x96,
                liquidity=pool.liquidity,
                tick=pool.tick,
            )
        ]

    def _mint(self, number: int, log: int) -> list[PoolEvent]:
        lower = 10 * self.rng.randint(-60, 50)
        upper = lower + 10 * self.rng.randint(1, 60)
        liquidity = self.rng.randint(1, 10**22)
        self.states[V3], amount0, amount1 = self.states[V3].mint(lower, upper, liquidity)
        self.ranges.append((lower, upper, liquidity))
        return [self._position(V3Mint, number, log, (lower, upper, liquidity), amount0, amount1)]

    def _burn(self, number: int, log: int) -> list[PoolEvent]:
        if not self.ranges:
            return []
        gone = self.ranges.pop(self.rng.randrange(len(self.ranges)))
        self.states[V3], amount0, amount1 = self.states[V3].burn(*gone)
        return [self._position(V3Burn, number, log, gone, amount0, amount1)]

    def _launch(self, number: int, log: int) -> list[PoolEvent]:
        place = {"pool": STRANGER, "block_number": number, "tx_index": log, "log_index": log, "tx_hash": ""}
        return [
            PoolLaunched(**place, token0=TOKEN0, token1=STRANGER, fee_pips=None, tick_spacing=None),
            V2Sync(**place, reserve0=1, reserve1=1),
        ]

    @staticmethod
    def _place(number: int, log: int) -> dict[str, object]:
        return {"pool": V3, "block_number": number, "tx_index": log, "log_index": log, "tx_hash": ""}

    def _position(self, kind, number, log, position, amount0, amount1) -> PoolEvent:
        lower, upper, liquidity = position
        return kind(
            **self._place(number, log),
            tick_lower=lower,
            tick_upper=upper,
            liquidity=liquidity,
            amount0=amount0,
            amount1=amount1,
        )
