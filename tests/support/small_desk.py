"""A market of three tokens and two V2 pools behind a real desk, with no node: 1 WETH is 2,500 dollars or 100 ALT."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path as FilePath

import chain.networks
from chain.networks import Network, load_networks
from chain.source import CallOutcome, GasSource, MarketStart, SwapCall
from dex.amm import ConcentratedPool, ConstantProductPool
from dex.gas.policy import FeeCaps
from dex.market.events import BlockUpdate, PoolEvent, V2Swap, V2Sync
from dex.market.pools import PoolInfo, Protocol
from dex.market.price import PoolState
from dex.market.state import MarketState
from dex.routing.plan import Hop, Path, SwapPlan
from dex.types import Address, BlockRef, Token
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.scope import TradingScope
from tests.support.paths import address, pool_info
from trading.planner import plan_swap

GWEI = 10**9
DOLLAR = 10**6
ONE = 10**18
USD, WETH, ALT, LONE = (
    Token(chain_id=31337, address=address(number), symbol=symbol, decimals=decimals)
    for number, symbol, decimals in ((1, "USD", 6), (2, "WETH", 18), (3, "ALT", 18), (4, "LONE", 18))
)
USD_WETH = pool_info(11, USD.address, WETH.address)
WETH_ALT = pool_info(12, WETH.address, ALT.address)
INFOS = {pool.address: pool for pool in (USD_WETH, WETH_ALT)}
SENDER = address(77)
NETWORK: Network = replace(
    load_networks(FilePath(chain.networks.__file__).parent)["devnet"],
    tokens=(USD, WETH, ALT, LONE),
    wrapped_native=WETH.address,
    quote_token=USD.address,
)
SCOPE = TradingScope(
    network=NETWORK,
    chain_key="0x" + "11" * 32,
    quote=USD,
    watched=(WETH, ALT),
    live=True,
    dollar_quote=True,
    deposits={USD.address: 10_000 * DOLLAR},
)
FIRST = 100


def block(number: int, *, fork: str = "a", parent: str | None = None, base_fee: int | None = GWEI) -> BlockRef:
    return BlockRef(
        number=number,
        hash=f"{fork}{number}",
        parent_hash=f"{fork if parent is None else parent}{number - 1}",
        timestamp=1_750_000_000 + number,
        base_fee_per_gas=base_fee,
        gas_used=15_000_000,
        gas_limit=30_000_000,
    )


def pools() -> dict[Address, PoolState]:
    return {
        USD_WETH.address: ConstantProductPool(reserve0=2_500_000 * DOLLAR, reserve1=1_000 * ONE, fee_pips=3000),
        WETH_ALT.address: ConstantProductPool(reserve0=1_000 * ONE, reserve1=100_000 * ONE, fee_pips=3000),
    }


def start(states: Mapping[Address, PoolState] | None = None, *, base_fee: int | None = GWEI) -> MarketStart:
    return MarketStart(
        block=block(FIRST, base_fee=base_fee),
        tokens={token.address: token for token in NETWORK.tokens},
        pools=INFOS,
        states=pools() if states is None else states,
    )


def market() -> MarketState:
    state = MarketState(INFOS)
    state.load(block(FIRST), pools())
    return state


def desk(
    *,
    states: Mapping[Address, PoolState] | None = None,
    quote: Token = USD,
    watched: tuple[Token, ...] = (WETH, ALT),
    every_block: bool = True,
    probe: int = 50 * DOLLAR,
    base_fee: int | None = GWEI,
) -> MarketDesk:
    return MarketDesk(
        start=start(states, base_fee=base_fee),
        quote=quote,
        watched=watched,
        wrapped_native=WETH.address,
        probe=probe,
        every_block=every_block,
    )


def quiet(number: int, *, base_fee: int | None = GWEI) -> BlockUpdate:
    return BlockUpdate(block=block(number, base_fee=base_fee), events=())


def swapped(
    states: Mapping[Address, PoolState],
    at: BlockRef,
    amount_in: int,
    *,
    pool: PoolInfo = USD_WETH,
    zero_for_one: bool = True,
    removed: tuple[BlockRef, ...] = (),
) -> BlockUpdate:
    """A block in which somebody swaps once in ``pool``, as its contract logs it."""
    after, done = states[pool.address].swap(amount_in, zero_for_one=zero_for_one)
    assert isinstance(after, ConstantProductPool)
    place = {"pool": pool.address, "block_number": at.number, "tx_index": 0, "tx_hash": ""}
    return BlockUpdate(
        block=at,
        events=(
            V2Sync(**place, log_index=0, reserve0=after.reserve0, reserve1=after.reserve1),
            V2Swap(
                **place,
                log_index=1,
                amount0_in=max(0, done.amount0),
                amount1_in=max(0, done.amount1),
                amount0_out=max(0, -done.amount0),
                amount1_out=max(0, -done.amount1),
            ),
        ),
        removed=removed,
    )


def synced(at: BlockRef, reserve0: int, reserve1: int, *, pool: PoolInfo = USD_WETH) -> BlockUpdate:
    """A block that leaves ``pool`` with these reserves, without a swap."""
    event: PoolEvent = V2Sync(
        pool=pool.address,
        block_number=at.number,
        tx_index=0,
        log_index=0,
        tx_hash="",
        reserve0=reserve0,
        reserve1=reserve1,
    )
    return BlockUpdate(block=at, events=(event,))


def path(*tokens: Token) -> Path:
    """Over the two V2 pools."""
    pool_of = {
        frozenset((USD.address, WETH.address)): USD_WETH,
        frozenset((WETH.address, ALT.address)): WETH_ALT,
    }
    steps = pairwise(tokens)
    return Path(
        hops=tuple(
            Hop(
                pool=pool_of[frozenset((one.address, other.address))].address,
                protocol=Protocol.V2,
                token_in=one.address,
                token_out=other.address,
                fee_pips=3000,
            )
            for one, other in steps
        )
    )


def plan(
    *tokens: Token,
    amount_in: int,
    states: Mapping[Address, PoolState] | None = None,
    head: BlockRef | None = None,
    tolerance_bps: int = 50,
    patience_blocks: int = 3,
    max_fee: int = 2 * GWEI,
    tip: int = GWEI // 10,
) -> SwapPlan:
    """An order at the exact quote of ``states``, decided on ``head``; block ``head + 6`` is the last in time for it."""
    way = path(*tokens)
    quoted = amount_in
    for hop in way.hops:
        quoted = (pools() if states is None else states)[hop.pool].quote_exact_in(quoted, zero_for_one=hop.zero_for_one)
    return plan_swap(
        network=NETWORK,
        path=way,
        sender=SENDER,
        amount_in=amount_in,
        quoted_out=quoted,
        tolerance_bps=tolerance_bps,
        patience_blocks=patience_blocks,
        caps=FeeCaps(max_fee_per_gas=max_fee, max_priority_fee_per_gas=tip),
        head=block(FIRST) if head is None else head,
    )


class ScriptedWitness:
    """A remote node that says what the test wrote down: an outcome or an error, the last one again and again."""

    def __init__(self, *script: CallOutcome | Exception) -> None:
        self._script = list(script)
        self.asked: list[tuple[SwapCall, BlockRef]] = []

    async def l1_fee(self, call: SwapCall, block: BlockRef) -> int:
        return 0

    async def execute(self, call: SwapCall, block: BlockRef) -> CallOutcome:
        self.asked.append((call, block))
        said = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(said, Exception):
            raise said
        return said


def outcome(
    amount_in: int, amount_out: int, *, gas_used: int = 120_000, l1_fee: int = 0, revert_reason: str | None = None
) -> CallOutcome:
    return CallOutcome(
        amount_in=amount_in,
        amount_out=amount_out,
        gas_used=gas_used,
        gas_source=GasSource.SIMULATED,
        l1_fee=l1_fee,
        revert_reason=revert_reason,
    )


def empty_v3() -> ConcentratedPool:
    return ConcentratedPool(sqrt_price_x96=2**96, tick=0, liquidity=0, fee_pips=3000, tick_spacing=60, ticks={})
