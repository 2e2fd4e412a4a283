"""What the engine sees of a token: routes, gas and prices of the shared desk, laid out for one account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dex.errors import SkipTrade
from dex.gas.policy import FeeCaps, fee_caps
from dex.routing.plan import Path, SwapPlan
from dex.types import Address, Token
from paper_trading.bot.book import OpenPosition
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.scope import TradingScope
from paper_trading.intelligence.base import TokenView
from paper_trading.intelligence.view import GasCosts, Health, build_view
from trading.planner import plan_swap

PROBE_TOLERANCE_BPS = 500
PROBE_PATIENCE_BLOCKS = 2
PLENTY = 2
"""Times the gas of a buy and its sale: who has less is told exactly how much the paths of his own size need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChoice:
    """The paths that the view was made for: what is quoted is what is traded."""

    buy: Path | None
    sell: Path | None


class ViewDesk:
    def __init__(self, *, scope: TradingScope, desk: MarketDesk, gas_book: GasBook) -> None:
        self._scope = scope
        self._desk = desk
        self._gas_book = gas_book

    def build(
        self,
        token: Token,
        *,
        position: OpenPosition | None,
        sizes: Sequence[int],
        tip: int,
        head_age: float,
        settled: bool,
        quarantined: frozenset[Address],
    ) -> tuple[TokenView, PathChoice]:
        """The view of ``token`` at the head, and its paths: the best for the largest size and for the sale."""
        entry = self._desk.buy(token.address, sizes[-1] if sizes else self._desk.probe)
        to_sell = position.view.quantity if position is not None else None if entry is None else entry.amount_out
        leave = None if to_sell is None else self._desk.sell(token.address, to_sell)
        choice = PathChoice(buy=None if entry is None else entry.path, sell=None if leave is None else leave.path)
        pools = {hop.pool for path in (choice.buy, choice.sell) if path is not None for hop in path.hops}
        facts = self._desk.facts(token.address)
        view = build_view(
            self._desk.pools,
            head=facts.head,
            token=token,
            quote=self._desk.quote,
            buy=choice.buy,
            sell=choice.sell,
            sizes=sizes,
            prices=facts.prices,
            flows=facts.flows,
            position=None if position is None else position.view,
            gas=self._gas(choice, tip),
            base_fees=facts.base_fees,
            health=Health(
                head_age_seconds=head_age,
                max_head_age_seconds=self._scope.stale_seconds,
                settled=settled,
                quarantined=bool(pools & quarantined),
            ),
            shared=facts,
        )
        return view, choice

    def covers_gas(self, token: Token, size: int, *, native_balance: int | None, tip: int) -> bool:
        """Whether there is a way in and out at about ``size`` quote units, and plainly money for the gas of both.

        Asks for the gas of paths that nobody has measured yet. ``native_balance`` is None where no gas is charged.
        """
        usual = self._desk.usual(token.address, size)
        if usual.buy is None or usual.sell is None:
            return False
        base_fee = self._desk.head.base_fee_per_gas
        if native_balance is None or base_fee is None:
            return True
        buy = self._gas_book.fee(usual.buy, base_fee + tip)
        sell = self._gas_book.fee(usual.sell, base_fee + tip)
        return buy is not None and sell is not None and native_balance >= PLENTY * (buy + sell)

    def sale_gas(self, path: Path, tip: int) -> int | None:
        """Quote units that the gas of a sale over ``path`` costs now; None where that is not known."""
        base_fee = self._desk.head.base_fee_per_gas
        if not self._scope.live or base_fee is None:
            return None
        wei = self._gas_book.fee(path, base_fee + tip)
        return None if wei is None else self._desk.native_estimate(wei)

    def probe(self, path: Path, *, sender: Address, tip: int) -> tuple[SwapPlan | None, Mapping[Address, int]]:
        """A small swap over ``path`` and the balances it needs, for measuring its gas; None where it cannot be filled.

        The account is given nothing of the token that it receives: the first write to a balance is the dearest.
        """
        amount = self._desk.probe_amount(path)
        if amount is None:
            return None, {}
        quote = self._desk.quote_path(path, amount)
        if quote is None:
            return None, {}
        head = self._desk.head
        try:
            plan = plan_swap(
                network=self._scope.network,
                path=path,
                sender=sender,
                amount_in=amount,
                quoted_out=quote.amount_out,
                tolerance_bps=PROBE_TOLERANCE_BPS,
                patience_blocks=PROBE_PATIENCE_BLOCKS,
                caps=self._caps(tip),
                head=head,
            )
        except SkipTrade:
            return None, {}
        return plan, {plan.token_in: amount, plan.token_out: 0}

    def _caps(self, tip: int) -> FeeCaps:
        return fee_caps(self._desk.head, PROBE_PATIENCE_BLOCKS, tip)

    def _gas(self, choice: PathChoice, tip: int) -> GasCosts:
        base_fee = self._desk.head.base_fee_per_gas
        if not self._scope.live or base_fee is None:
            return GasCosts()
        buy = None if choice.buy is None else self._gas_book.fee(choice.buy, base_fee + tip)
        sell = None if choice.sell is None else self._gas_book.fee(choice.sell, base_fee + tip)
        return GasCosts(
            buy_wei=buy,
            sell_wei=sell,
            buy_quote=None if buy is None else self._desk.native_estimate(buy),
            sell_quote=None if sell is None else self._desk.native_estimate(sell),
        )
