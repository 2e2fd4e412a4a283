"""The market as every session of this process sees it: states, routes, prices. One desk, many sessions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chain.source import MarketStart
from dex.amm.quoted import QuotedPool
from dex.errors import SkipTrade
from dex.market.errors import NoPrice
from dex.market.events import BlockUpdate
from dex.market.pools import PoolInfo
from dex.market.price import hops_price
from dex.market.snapshot import MarketSnapshot
from dex.market.state import MarketState
from dex.routing.plan import Path
from dex.types import BPS_ONE, Address, BlockRef, Token
from paper_trading.intelligence.base import FlowSeries
from paper_trading.intelligence.facts import TokenFacts
from paper_trading.intelligence.flow_track import FlowTrack
from paper_trading.intelligence.price_track import PriceTrack
from paper_trading.intelligence.quotes import reversed_path
from trading.best_routes import BestRoutes
from trading.router import Quote, find_paths, quote_path

MAX_HOPS = 2
KEEP_BLOCKS = 256
BASE_FEES = 64
RATE_WEI = 10**16
"""Gas money is valued by what a hundredth of a native token brings: about what some swaps cost in busy times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The best paths for amounts of about one size, None where there is no way."""

    buy: Path | None
    sell: Path | None


class MarketDesk:
    """Applies every block once and answers exact quotes at the head. What sessions share is computed once a block.

    A token's price for statistics follows one reference path, its best at the first block that can price it: a price
    that changed paths would jump without a trade. ``every_block`` is False for a recording, whose quiet blocks are not
    all played and so say nothing about how calm the price was.
    """

    def __init__(
        self,
        *,
        start: MarketStart,
        quote: Token,
        watched: Sequence[Token],
        wrapped_native: Address,
        probe: int,
        every_block: bool,
    ) -> None:
        self.quote = quote
        self.watched = tuple(watched)
        self.market = MarketState(start.pools, keep_blocks=KEEP_BLOCKS)
        self.market.load(start.block, start.states)
        self.probe = probe
        self._wrapped_native = wrapped_native
        self._every_block = every_block
        tokens = {token.address for token in watched} | {wrapped_native}
        pools = tuple(start.pools.values())
        self._buys = {token: BestRoutes(find_paths(pools, quote.address, token, max_hops=MAX_HOPS)) for token in tokens}
        self._sells = {
            token: BestRoutes(find_paths(pools, token, quote.address, max_hops=MAX_HOPS)) for token in tokens
        }
        self._tracks = {token.address: PriceTrack() for token in watched}
        self._flows = {token.address: FlowTrack(_pools_of(token.address, pools)) for token in watched}
        self._references: dict[Address, Path] = {}
        self._quotes: dict[tuple[Address, Address, int], Quote | None] = {}
        self._usual: dict[tuple[Address, int], Usual] = {}
        self._facts: dict[Address, TokenFacts] = {}
        self._prices: dict[Address, float | None] = {}
        self._base_fees: tuple[int, ...] | None = None
        self._snapshot: MarketSnapshot | None = None
        self._pools: dict[Address, QuotedPool] = {}
        self._native_rate: tuple[int, int] | None = None
        self._rate_at = ""
        self._look()
        self._follow_prices()

    @property
    def head(self) -> BlockRef:
        return self.market.head

    def apply(self, update: BlockUpdate) -> None:
        """Raises ``MarketGap`` when the block does not follow, ``HaltSession`` when the state is no longer trusted."""
        if update.removed:
            oldest = min(block.number for block in update.removed)
            for prices in self._tracks.values():
                prices.rewind(oldest - 1)
            for trades in self._flows.values():
                trades.rewind(oldest - 1)
        self.market.apply(update)
        for flows in self._flows.values():
            flows.take(update)
        self._look()
        if self._every_block or update.events:
            self._follow_prices()

    def _look(self) -> None:
        """Everything that was computed for the block before is forgotten, but for the quotes of pools that stayed."""
        states, seen = self.market.states, self._pools
        self._pools = {
            address: seen[address] if address in seen and seen[address].pool is state else QuotedPool(state)
            for address, state in states.items()
        }
        for routes in (*self._buys.values(), *self._sells.values()):
            routes.load(self._pools)
        for computed in (self._quotes, self._usual, self._facts, self._prices):
            computed.clear()
        self._base_fees = None
        self._snapshot = None

    @property
    def pools(self) -> Mapping[Address, QuotedPool]:
        """The pools at the head, for quotes."""
        return self._pools

    def snapshot(self) -> MarketSnapshot:
        if self._snapshot is None:
            self._snapshot = self.market.snapshot()
        return self._snapshot

    def track(self, token: Address) -> PriceTrack:
        return self._tracks[token]

    def facts(self, token: Address) -> TokenFacts:
        """What every session sees of a followed token at the head."""
        known = self._facts.get(token)
        if known is None:
            buys, sells = self._buys[token], self._sells[token]
            known = self._facts[token] = TokenFacts(
                head=self.head,
                prices=self._tracks[token].series(),
                flows=self._flows[token].series(),
                base_fees=self.base_fees(),
                least_cost_bps=BPS_ONE * (1.0 - buys.best_rate * sells.best_rate),
                least_fee_bps=min(buys.least_fee_bps, sells.least_fee_bps),
            )
        return known

    def usual(self, token: Address, size: int) -> Usual:
        """The best paths for the power of two above ``size`` quote units: about those of ``size`` itself.

        The same for all sizes between two powers of two, so that it does not matter who asks first.
        """
        key = (token, size.bit_length())
        known = self._usual.get(key)
        if known is None:
            entry = self.buy(token, 1 << key[1])
            leave = None if entry is None else self.sell(token, entry.amount_out)
            known = self._usual[key] = Usual(
                buy=None if entry is None else entry.path, sell=None if leave is None else leave.path
            )
        return known

    def flows(self, token: Address) -> FlowSeries:
        return self._flows[token].series()

    def reference(self, token: Address) -> Path | None:
        """The path whose price is the token's price; None until a pool can price it."""
        return self._references.get(token)

    def price(self, token: Token) -> float | None:
        """Quote units per whole token at mid price, before fee and impact: for statistics and display."""
        if token.address not in self._prices:
            self._prices[token.address] = self._price(token)
        return self._prices[token.address]

    def _price(self, token: Token) -> float | None:
        path = self._references.get(token.address)
        if path is None:
            return None
        try:
            raw = hops_price({hop.pool: self.market.pool(hop.pool) for hop in path.hops}, path.hops)
        except NoPrice:
            return None
        return raw * 10.0 ** (token.decimals - self.quote.decimals)

    def buy(self, token: Address, amount_in: int) -> Quote | None:
        """The best exact quote for ``amount_in`` base units of the quote token; None where no path takes it whole."""
        return self._best(self._buys[token], (self.quote.address, token, amount_in))

    def sell(self, token: Address, amount_in: int) -> Quote | None:
        """The best exact quote for selling ``amount_in`` base units of ``token``; None likewise."""
        return self._best(self._sells[token], (token, self.quote.address, amount_in))

    def quote_path(self, path: Path, amount_in: int) -> Quote | None:
        """The exact quote of one path; None where it cannot take the amount whole."""
        try:
            return quote_path(self._pools, path, amount_in)
        except SkipTrade:
            return None

    def probe_amount(self, path: Path) -> int | None:
        """A small amount of the path's first token, worth about the probe; None where there is no price."""
        first = path.tokens[0]
        if first == self.quote.address:
            return self.probe
        bought = self.buy(first, self.probe)
        return None if bought is None else bought.amount_out

    def native_worth(self, wei: int) -> int | None:
        """What ``wei`` of the native token would bring in quote units now.

        Where nothing can be sold at the head, the last rate that was seen; None before there was one.
        """
        if wei == 0 or self._wrapped_native == self.quote.address:
            return wei
        quote = self.sell(self._wrapped_native, wei)
        if quote is not None:
            self._native_rate = (wei, quote.amount_out)
            return quote.amount_out
        if self._native_rate is None:
            return None
        sold, brought = self._native_rate
        return -(-wei * brought // sold)

    def native_estimate(self, wei: int) -> int | None:
        """About what ``wei`` would bring, for weighing costs: one exact quote a block, scaled. Rounded up."""
        if self._wrapped_native == self.quote.address:
            return wei
        if self._rate_at != self.head.hash:
            self._rate_at = self.head.hash
            self.native_worth(RATE_WEI)
        if self._native_rate is None:
            return None
        sold, brought = self._native_rate
        return -(-wei * brought // sold)

    def base_fees(self) -> tuple[int, ...]:
        """Of the newest blocks, oldest first, wei per gas; empty in a recording."""
        if self._base_fees is None:
            newest = self.market.blocks_after(self.head.number - BASE_FEES)
            self._base_fees = tuple(block.base_fee_per_gas for block in newest if block.base_fee_per_gas is not None)
        return self._base_fees

    def holds(self, token: Address) -> bool:
        """Whether any path leads to the token at all."""
        return all(token in routes and bool(routes[token].paths) for routes in (self._buys, self._sells))

    def _best(self, routes: BestRoutes, key: tuple[Address, Address, int]) -> Quote | None:
        if key not in self._quotes:
            self._quotes[key] = routes.best(key[2])
        return self._quotes[key]

    def _follow_prices(self) -> None:
        for token in self.watched:
            if token.address not in self._references:
                self._prices.pop(token.address, None)
                quote = self.buy(token.address, self.probe)
                if quote is None:
                    continue
                self._references[token.address] = reversed_path(quote.path)
            price = self.price(token)
            if price is not None:
                self._tracks[token.address].add(self.head, price)


def _pools_of(token: Address, pools: Iterable[PoolInfo]) -> dict[Address, bool]:
    return {pool.address: pool.token0 == token for pool in pools if token in (pool.token0, pool.token1)}
