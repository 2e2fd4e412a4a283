"""The market rebuilt from events, block by block."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from dex.market.advance import advance
from dex.market.errors import MarketCorrupt, MarketGap, NoPrice, RewindTooDeep
from dex.market.events import BlockUpdate, PoolLaunched, V2Swap, V3Swap
from dex.market.history import PoolHistory
from dex.market.pools import PoolInfo
from dex.market.price import PoolState, mid_price
from dex.market.snapshot import MarketSnapshot
from dex.market.tape import Tape
from dex.market.trades import Trade
from dex.types import Address, BlockRef

__all__ = ["MarketState", "PoolState"]

_KEEP_LAUNCHES = 1024


@dataclass(slots=True)
class _Kept:
    """A block that can be undone: ``before`` holds the states that it replaced."""

    block: BlockRef
    before: dict[Address, PoolState]


class MarketState:
    """Pool states, trades and candles at the head, and the states of the last ``keep_blocks`` blocks.

    Rewinding and applying other blocks gives exactly what a market holds that never saw the removed ones. ``load``
    comes first; before it everything raises ``MarketGap``.
    """

    def __init__(
        self,
        pools: Mapping[Address, PoolInfo],
        *,
        keep_blocks: int = 256,
        keep_trades: int = 1024,
        keep_candles: int = 512,
    ) -> None:
        self._infos = dict(pools)
        self._keep_blocks = keep_blocks
        self._keep_trades = keep_trades
        self._keep_candles = keep_candles
        self._states: dict[Address, PoolState] = {}
        self._kept: deque[_Kept] = deque()
        self._loaded_at = 0
        self._histories: dict[Address, PoolHistory] = {}
        self._launches = self._launch_tape()

    def load(self, block: BlockRef, states: Mapping[Address, PoolState]) -> None:
        """Takes ``states`` as those at the end of ``block`` and forgets everything before.

        Pools of the market that have no state here are ignored until the next load.
        """
        self._states = {address: pool for address, pool in states.items() if address in self._infos}
        self._kept = deque([_Kept(block, {})])
        self._loaded_at = block.number
        self._histories = {
            address: PoolHistory(keep_trades=self._keep_trades, keep_candles=self._keep_candles)
            for address in self._states
        }
        self._launches = self._launch_tape()

    @property
    def head(self) -> BlockRef:
        if not self._kept:
            raise MarketGap("no state has been loaded yet")
        return self._kept[-1].block

    @property
    def floor(self) -> int:
        """The oldest block number whose state can still be had."""
        if not self._kept:
            raise MarketGap("no state has been loaded yet")
        return self._kept[0].block.number

    @property
    def states(self) -> Mapping[Address, PoolState]:
        """The states at the head, as a copy."""
        return dict(self._states)

    def apply(self, update: BlockUpdate) -> None:
        """Takes away ``update.removed``, then puts ``update.block`` on the head.

        Numbers may jump (a recording holds only blocks with events): the parent hash decides. Raises ``MarketGap``
        when the update does not follow, with the market then at the newest block that both agree on, and
        ``MarketCorrupt`` when an event cannot have happened, with the block not applied.
        """
        self._remove(update.removed)
        block, head = update.block, self.head
        if block.parent_hash != head.hash or block.number <= head.number:
            raise MarketGap(f"block {block.number} does not follow on our head {head.number}")
        changed, trades = self._play(update)
        self._commit(update, changed, trades)

    def rewind(self, block_number: int) -> None:
        """Back to the end of the newest block not after ``block_number``; ``RewindTooDeep`` when it is not kept."""
        if block_number < self.floor:
            raise RewindTooDeep(f"block {block_number} is older than the oldest kept one, {self.floor}")
        while self.head.number > block_number:
            self._states.update(self._kept.pop().before)
        for history in self._histories.values():
            history.rewind(self.head.number)
        self._launches.rewind(self.head.number)

    def pool(self, address: Address) -> PoolState:
        """The state at the head; ``KeyError`` for a pool that is not in the market."""
        return self._states[address]

    def pool_at(self, address: Address, block_number: int) -> PoolState:
        """The state at the end of ``block_number``; raises ``RewindTooDeep``, ``MarketGap`` and ``KeyError``."""
        state = self._states[address]
        self._check_kept(block_number)
        for kept in reversed(self._kept):
            if kept.block.number <= block_number:
                break
            state = kept.before.get(address, state)
        return state

    def states_at(self, block_number: int) -> Mapping[Address, PoolState]:
        """All states at the end of ``block_number``; raises as ``pool_at`` does."""
        self._check_kept(block_number)
        states = dict(self._states)
        for kept in reversed(self._kept):
            if kept.block.number <= block_number:
                break
            states.update(kept.before)
        return states

    def block_at(self, block_number: int) -> BlockRef | None:
        """The kept block of exactly this number."""
        for kept in reversed(self._kept):
            if kept.block.number <= block_number:
                return kept.block if kept.block.number == block_number else None
        return None

    def blocks_after(self, block_number: int) -> tuple[BlockRef, ...]:
        """The kept blocks after ``block_number``, oldest first."""
        after: list[BlockRef] = []
        for kept in reversed(self._kept):
            if kept.block.number <= block_number:
                break
            after.append(kept.block)
        return tuple(reversed(after))

    def snapshot(self) -> MarketSnapshot:
        return MarketSnapshot(
            head=self.head,
            infos=self._infos,
            states=dict(self._states),
            launches=self._launches.view().last(),
            histories={address: history.view() for address, history in self._histories.items()},
        )

    def _remove(self, removed: tuple[BlockRef, ...]) -> None:
        for block in removed:
            if block.hash != self.head.hash:
                raise MarketGap(f"block {block.number} was removed, but our head is another one, {self.head.number}")
            if len(self._kept) == 1:
                raise self._bottom(block)
            self.rewind(self._kept[-2].block.number)

    def _bottom(self, block: BlockRef) -> MarketGap | RewindTooDeep:
        if block.number == self._loaded_at:
            return MarketGap(f"block {block.number}, on which everything was loaded, was removed")
        return RewindTooDeep(f"block {block.number} was removed and nothing before it is kept")

    def _play(self, update: BlockUpdate) -> tuple[dict[Address, PoolState], dict[Address, list[Trade]]]:
        changed: dict[Address, PoolState] = {}
        trades: dict[Address, list[Trade]] = {}
        for event in update.events:
            address = event.pool
            pool = changed.get(address, self._states.get(address))
            if pool is None:
                continue
            if event.block_number != update.block.number:
                raise MarketCorrupt(f"an event of block {event.block_number} came with block {update.block.number}")
            after = advance(pool, event)
            if after is not pool:
                changed[address] = after
            if isinstance(event, V3Swap | V2Swap):
                trades.setdefault(address, []).append(_trade(event, after, update.block.timestamp))
        return changed, trades

    def _commit(
        self, update: BlockUpdate, changed: dict[Address, PoolState], trades: dict[Address, list[Trade]]
    ) -> None:
        self._kept.append(_Kept(update.block, {address: self._states[address] for address in changed}))
        if len(self._kept) > self._keep_blocks:
            self._kept.popleft()
        floor = self._kept[0].block.number
        for address, done in trades.items():
            self._histories[address].append(done, _price_before(self._states[address], done), floor=floor)
        self._states.update(changed)
        for event in update.events:
            if isinstance(event, PoolLaunched):
                self._launches.append(event, floor=floor)

    def _check_kept(self, block_number: int) -> None:
        if block_number < self.floor:
            raise RewindTooDeep(f"block {block_number} is older than the oldest kept one, {self.floor}")
        if block_number > self.head.number:
            raise MarketGap(f"block {block_number} is not there yet, our head is {self.head.number}")

    @staticmethod
    def _launch_tape() -> Tape[PoolLaunched]:
        return Tape(keep=_KEEP_LAUNCHES, block_of=lambda launch: launch.block_number)


def _trade(event: V3Swap | V2Swap, after: PoolState, timestamp: int) -> Trade:
    if isinstance(event, V3Swap):
        amount0, amount1 = event.amount0, event.amount1
    else:
        amount0, amount1 = event.amount0_in - event.amount0_out, event.amount1_in - event.amount1_out
    return Trade(
        pool=event.pool,
        block_number=event.block_number,
        timestamp=timestamp,
        log_index=event.log_index,
        amount0=amount0,
        amount1=amount1,
        price=_price_after(event, after),
    )


def _price_after(event: V3Swap | V2Swap, after: PoolState) -> float:
    try:
        return mid_price(after)
    except NoPrice as error:
        raise MarketCorrupt(f"a swap in {event.pool} in block {event.block_number} left no price") from error


def _price_before(pool: PoolState, trades: list[Trade]) -> float:
    try:
        return mid_price(pool)
    except NoPrice:
        return trades[0].price  # the pool was created in this very block
