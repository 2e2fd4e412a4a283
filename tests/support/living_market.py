"""A one-pool market off the chain: an outside price, an arbitrageur, noise traders, and the engine trading on it.

Everything is drawn from a seeded generator. The engine's own trades do not move the market, as on paper.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isqrt

from dex.amm import ConstantProductPool
from dex.market.events import BlockUpdate, PoolEvent, V2Swap, V2Sync
from dex.market.pools import PoolInfo, Protocol
from dex.market.state import MarketState
from dex.routing.plan import Hop, Path
from dex.types import Address, BlockRef, Token
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.intelligence.base import Action, Decision, PortfolioView, PositionView
from paper_trading.intelligence.flow_track import FlowTrack
from paper_trading.intelligence.intel_slider import IntelSettings
from paper_trading.intelligence.limits import min_trade_quote
from paper_trading.intelligence.price_track import PriceTrack
from paper_trading.intelligence.quotes import quote_path, reversed_path
from paper_trading.intelligence.view import GasCosts, Health, build_view, human_price

TOKEN = Token(chain_id=1, address=Address("0x" + "11" * 20), symbol="MOSS", decimals=18)
QUOTE = Token(chain_id=1, address=Address("0x" + "22" * 20), symbol="USDC", decimals=6)
POOL = Address("0x" + "33" * 20)
DOLLAR = 10**6


def trending_price(blocks: int, seed: int, *, per_minute: float = 0.02, noise: float = 0.001) -> list[float]:
    """Trends of 30 to 200 steps, up or down by up to ``per_minute`` in 60 steps, under a wave that reverts."""
    rng = random.Random(seed)
    trend, wave, drift, left, prices = 1.0, 0.0, 0.0, 0, []
    for _ in range(blocks):
        if left == 0:
            left, drift = rng.randint(30, 200), rng.choice((-1, 1)) * rng.uniform(0.2, 1.0) * per_minute / 60
        left -= 1
        trend *= 1 + drift
        wave = 0.97 * wave + rng.gauss(0, noise)
        prices.append(trend * (1 + wave))
    return prices


def flat_price(blocks: int, seed: int, *, noise: float = 0.001) -> list[float]:
    """A wave around 1 that reverts quickly: noise without anything to earn."""
    rng = random.Random(seed)
    wave, prices = 0.0, []
    for _ in range(blocks):
        wave = 0.7 * wave + rng.gauss(0, noise)
        prices.append(1 + wave)
    return prices


@dataclass(slots=True)
class LivingMarket:
    """``step`` makes one block of trades; reserves start at ``depth`` dollars a side, the token at 1 dollar."""

    prices: Sequence[float]
    seed: int = 1
    fee_pips: int = 3000
    depth: int = 500_000
    seconds: int = 1
    attention: float = 0.3
    number: int = 0
    pool: ConstantProductPool = field(init=False)
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.pool = ConstantProductPool(
            reserve0=self.depth * 10**18, reserve1=self.depth * DOLLAR, fee_pips=self.fee_pips
        )

    @property
    def info(self) -> PoolInfo:
        return PoolInfo(
            address=POOL,
            protocol=Protocol.V2,
            token0=TOKEN.address,
            token1=QUOTE.address,
            fee_pips=self.fee_pips,
            tick_spacing=None,
        )

    def block(self, number: int) -> BlockRef:
        return BlockRef(
            number=number,
            hash=f"0x{number:064x}",
            parent_hash=f"0x{number - 1:064x}",
            timestamp=1_750_000_000 + number * self.seconds,
            base_fee_per_gas=10**9,
            gas_used=15_000_000,
            gas_limit=30_000_000,
        )

    def step(self) -> BlockUpdate:
        self.number += 1
        outside = self.prices[self.number - 1]
        events: list[PoolEvent] = []
        if self.rng.random() < 0.4:
            dollars = self.rng.uniform(0.0001, 0.0008) * self.depth
            zero_for_one = self.rng.random() < 0.5
            amount = int(dollars * (10**18 if zero_for_one else DOLLAR))
            events += self._trade(amount, zero_for_one, len(events))
        if self.rng.random() < self.attention:
            events += self._pull(outside, len(events))
        return BlockUpdate(block=self.block(self.number), events=tuple(events))

    def _pull(self, outside: float, log: int) -> list[PoolEvent]:
        fee = self.fee_pips / 10**6
        here = self.pool.reserve1 / self.pool.reserve0 * 10**12
        if abs(outside / here - 1) <= 1.15 * fee:
            return []
        zero_for_one = outside < here
        target = outside / (1 - fee) if zero_for_one else outside * (1 - fee)
        k = self.pool.reserve0 * self.pool.reserve1
        if zero_for_one:
            wanted = isqrt(int(k / (target * 1e-12))) - self.pool.reserve0
        else:
            wanted = isqrt(int(k * (target * 1e-12))) - self.pool.reserve1
        return self._trade(wanted, zero_for_one, log) if wanted > 0 else []

    def _trade(self, amount: int, zero_for_one: bool, log: int) -> list[PoolEvent]:
        self.pool, result = self.pool.swap(amount, zero_for_one=zero_for_one)
        place = {"pool": POOL, "block_number": self.number, "tx_index": log, "tx_hash": ""}
        return [
            V2Sync(**place, log_index=log, reserve0=self.pool.reserve0, reserve1=self.pool.reserve1),
            V2Swap(
                **place,
                log_index=log + 1,
                amount0_in=max(0, result.amount0),
                amount1_in=max(0, result.amount1),
                amount0_out=max(0, -result.amount0),
                amount1_out=max(0, -result.amount1),
            ),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    opened: int
    closed: int
    cost: int
    proceeds: int
    reason: str


@dataclass(slots=True)
class Session:
    """The engine on a living market, filled one block after each decision, as the paper executor does."""

    living: LivingMarket
    settings: IntelSettings
    gas_cost: int = DOLLAR // 10
    cash: int = 10_000 * DOLLAR
    start: int = 10_000 * DOLLAR
    trips: list[RoundTrip] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    position: PositionView | None = None
    last_trade: int | None = None
    market: MarketState = field(init=False)
    track: PriceTrack = field(init=False)
    flows: FlowTrack = field(init=False)
    engine: AIEngine = field(init=False)

    def __post_init__(self) -> None:
        self.market = MarketState({POOL: self.living.info})
        self.market.load(self.living.block(0), {POOL: self.living.pool})
        self.track = PriceTrack()
        self.flows = FlowTrack({POOL: True})
        self.engine = AIEngine(self.settings)

    @property
    def buy_path(self) -> Path:
        hop = Hop(
            pool=POOL,
            protocol=Protocol.V2,
            token_in=QUOTE.address,
            token_out=TOKEN.address,
            fee_pips=self.living.fee_pips,
        )
        return Path(hops=(hop,))

    def run(self) -> None:
        order: Decision | None = None
        for _ in self.living.prices:
            update = self.living.step()
            self.market.apply(update)
            self.flows.take(update)
            if order is not None:
                self._fill(order)
            decision = self._decide()
            self.decisions.append(decision)
            order = None if decision.action is Action.HOLD else decision

    def _decide(self) -> Decision:
        snapshot = self.market.snapshot()
        self.track.add(snapshot.head, human_price(snapshot.states, self.buy_path, token=TOKEN, quote=QUOTE))
        worth = self._worth()
        if self.position is not None:
            self.position = PositionView(
                quantity=self.position.quantity,
                cost=self.position.cost,
                opened_block=self.position.opened_block,
                opened_time=self.position.opened_time,
                peak_worth=max(self.position.peak_worth, worth),
            )
        portfolio = PortfolioView(
            equity=self.cash + worth,
            cash=self.cash,
            open_positions=0 if self.position is None else 1,
            last_trade_block=self.last_trade,
            native_balance=10**18,
            min_trade_quote=min_trade_quote(self.settings, dollar=DOLLAR, start_equity=self.start),
        )
        view = build_view(
            snapshot.states,
            head=snapshot.head,
            token=TOKEN,
            quote=QUOTE,
            buy=self.buy_path,
            sell=None,
            sizes=self.engine.sizes(portfolio),
            prices=self.track.series(),
            flows=self.flows.series(),
            position=self.position,
            gas=GasCosts(buy_wei=10**14, sell_wei=10**14, buy_quote=self.gas_cost, sell_quote=self.gas_cost),
            base_fees=(10**9,) * 16,
            health=Health(),
        )
        return self.engine.decide(view, portfolio)

    def _worth(self) -> int:
        if self.position is None:
            return 0
        return quote_path(self.market.states, reversed_path(self.buy_path), self.position.quantity)

    def _fill(self, order: Decision) -> None:
        head = self.market.head
        self.last_trade = head.number
        if order.action is Action.BUY:
            bought = quote_path(self.market.states, self.buy_path, order.size)
            cost = order.size + self.gas_cost
            self.cash -= cost
            self.position = PositionView(
                quantity=bought, cost=cost, opened_block=head.number, opened_time=head.timestamp, peak_worth=0
            )
            return
        assert self.position is not None
        proceeds = self._worth() - self.gas_cost
        self.cash += proceeds
        self.trips.append(
            RoundTrip(
                opened=self.position.opened_block,
                closed=head.number,
                cost=self.position.cost,
                proceeds=proceeds,
                reason=order.code,
            )
        )
        self.position = None
