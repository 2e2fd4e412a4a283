"""Pool events as the contracts log them, decoded to exact integers.

Sources: IUniswapV2Pair, IUniswapV2Factory, IUniswapV3PoolEvents, IUniswapV3Factory. Amounts are base units.
``log_index`` orders events within a block. ``tx_hash`` is empty in a recording that has none.
"""

from dataclasses import dataclass

from dex.types import Address, BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolEvent:
    pool: Address
    block_number: int
    tx_index: int
    log_index: int
    tx_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class V2Sync(PoolEvent):
    """Reserves after any change; the last one of a block is the block's closing state."""

    reserve0: int
    reserve1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V2Swap(PoolEvent):
    amount0_in: int
    amount1_in: int
    amount0_out: int
    amount1_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V2Mint(PoolEvent):
    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V2Burn(PoolEvent):
    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Initialize(PoolEvent):
    sqrt_price_x96: int
    tick: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Swap(PoolEvent):
    """``amount0``/``amount1`` are signed, as the pool sees them; the rest is the state after the swap."""

    amount0: int
    amount1: int
    sqrt_price_x96: int
    liquidity: int
    tick: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Mint(PoolEvent):
    tick_lower: int
    tick_upper: int
    liquidity: int
    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Burn(PoolEvent):
    tick_lower: int
    tick_upper: int
    liquidity: int
    amount0: int
    amount1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3SetFeeProtocol(PoolEvent):
    fee_protocol0: int
    fee_protocol1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class V3FeeChanged(PoolEvent):
    """From here on the pool charges ``fee_pips``: forks change the fee of a living pool, Uniswap V3 itself does not."""

    fee_pips: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLaunched(PoolEvent):
    """A factory created ``pool``. ``fee_pips`` and ``tick_spacing`` are None for V2, whose fee is not in the event."""

    token0: Address
    token1: Address
    fee_pips: int | None
    tick_spacing: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockUpdate:
    """What a source hands on for one new block.

    ``removed`` holds the blocks that a reorg took away, newest first, before ``block`` is applied; ``events`` are those
    of ``block`` in log order, of known pools and factories only.
    """

    block: BlockRef
    events: tuple[PoolEvent, ...]
    removed: tuple[BlockRef, ...] = ()
