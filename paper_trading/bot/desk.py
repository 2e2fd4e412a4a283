"""The market as every session of this process sees it: states, routes, prices. One desk, many sessions."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from chain.source import MarketStart
from dex.errors import SkipTrade
from dex.market.errors import NoPrice
from dex.market.events import BlockUpdate
from dex.market.pools import PoolInfo
from dex.market.price import hops_price
from dex.market.snapshot import MarketSnapshot
from dex.market.state import MarketState
from dex.routing.plan import Path
from dex.types import Address, BlockRef, Token
from paper_trading.intelligence.base import FlowSeries
from paper_trading.intelligence.flow_track import FlowTrack
from paper_trading.intelligence.noise import noise_bps
from paper_trading.intelligence.price_track import PriceTrack
from paper_trading.intelligence.quotes import reversed_path
from trading.router import Quote, best_path, find_paths, quote_path

MAX_HOPS = 2
KEEP_BLOCKS = 256
BASE_FEES = 64
RATE_WEI = 10**16
"""Gas money is valued by what a hundredth of a native token brings: about what some swaps cost in busy times."""


class MarketDesk:
    """Applies every block once and answers exact quotes at the head; a quote is computed once a block.

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
        self._buys = {token: find_paths(pools, quote.address, token, max_hops=MAX_HOPS) for token in tokens}
        self._sells = {token: find_paths(pools, token, quote.address, max_hops=MAX_HOPS) for token in tokens}
        self._tracks = {token.address: PriceTrack() for token in watched}
        self._flows = {token.address: FlowTrack(_pools_of(token.address, pools)) for token in watched}
        self._references: dict[Address, Path] = {}
        self._quotes: dict[tuple[Address, Address, int], Quote | None] = {}
        self._snapshot: MarketSnapshot | None = None
        self._native_rate: tuple[int, int] | None = None
        self._rate_at = ""
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
        self._quotes.clear()
        self._snapshot = None
        if self._every_block or update.events:
            self._follow_prices()

    def snapshot(self) -> MarketSnapshot:
        if self._snapshot is None:
            self._snapshot = self.market.snapshot()
        return self._snapshot

    def track(self, token: Address) -> PriceTrack:
        return self._tracks[token]

    def noise_bps(self, token: Address) -> float:
        """The noise of the token's newest prices in bps; 0 under two prices."""
        return noise_bps(self._tracks[token].series().logs)

    def flows(self, token: Address) -> FlowSeries:
        return self._flows[token].series()

    def reference(self, token: Address) -> Path | None:
        """The path whose price is the token's price; None until a pool can price it."""
        return self._references.get(token)

    def price(self, token: Token) -> float | None:
        """Quote units per whole token at mid price, before fee and impact: for statistics and display."""
        path = self._references.get(token.address)
        if path is None:
            return None
        try:
            raw = hops_price(self.snapshot().states, path.hops)
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
            return quote_path(self.snapshot().states, path, amount_in)
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
        newest = self.market.blocks_after(self.head.number - BASE_FEES)
        return tuple(block.base_fee_per_gas for block in newest if block.base_fee_per_gas is not None)

    def holds(self, token: Address) -> bool:
        """Whether any path leads to the token at all."""
        return bool(self._buys.get(token)) and bool(self._sells.get(token))

    def _best(self, paths: Sequence[Path], key: tuple[Address, Address, int]) -> Quote | None:
        if key not in self._quotes:
            self._quotes[key] = None
            with suppress(SkipTrade):
                self._quotes[key] = best_path(self.snapshot().states, paths, key[2])
        return self._quotes[key]

    def _follow_prices(self) -> None:
        for token in self.watched:
            if token.address not in self._references:
                quote = self.buy(token.address, self.probe)
                if quote is None:
                    continue
                self._references[token.address] = reversed_path(quote.path)
            price = self.price(token)
            if price is not None:
                self._tracks[token.address].add(self.head, price)


def _pools_of(token: Address, pools: Iterable[PoolInfo]) -> dict[Address, bool]:
    return {pool.address: pool.token0 == token for pool in pools if token in (pool.token0, pool.token1)}
