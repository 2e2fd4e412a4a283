"""Accounts in memory for ``benchmarks.decisions``: they trade as the bot's own would, without a database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chain.networks import Network
from chain.source import MarketStart
from dex.routing.model import execute
from dex.types import Address
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.book import Book, OpenPosition, Pending
from paper_trading.bot.decider import Decider
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.memory import DecisionMemory
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.tools import Tools
from paper_trading.bot.views import ViewDesk
from paper_trading.intelligence.intel_slider import level
from paper_trading.models import TradeSide
from paper_trading.position_math import PositionTotals
from paper_trading.services.simulator import PaperExecutor
from paper_trading.services.ticks import Decided, NewOrder, Tick, Written
from paper_trading.tokens import NATIVE

LEVELS = 10
TIP = 10**9
GAS_UNITS = 150_000
NATIVE_WEI = 10**18


@dataclass(slots=True)
class Session:
    decider: Decider
    memory: DecisionMemory
    gas_book: GasBook
    book: Book
    start_equity: int
    decided: tuple[Decided, ...] = ()
    rows: int = 0

    def settle(self, desk: MarketDesk) -> None:
        """Every order that waits fills at the head, or is given up where its minimum is not met."""
        states = desk.snapshot().states
        for pending in self.book.pending:
            plan = pending.plan
            outcome = execute(plan, states, held=self.book.balances.get(plan.token_in, 0))
            if outcome.revert_reason is None:
                self._book_fill(pending, outcome.amount_in, outcome.amount_out, desk)
        self.book = replace(self.book, pending=())

    def take(self) -> list[NewOrder]:
        """The orders of the newest decisions, which wait from now on; the memory is told as a commit tells it."""
        written = {}
        for item in self.decided:
            if item.row_id is None:
                self.rows += 1
                written[item.token] = self.rows
        if self.decided:
            due = self.memory.due(self.decided[0].block)
            fresh = tuple(item for item in self.decided if item.row_id is None)
            tick = Tick(block=self.decided[0].block, decided=(*due, *fresh))
            self.memory.stored(tick, Written(decisions=written, orders={}))
        placed = [(item.token, item.order) for item in self.decided if item.order is not None]
        pending = tuple(
            Pending(trade_id=self.rows, side=order.side, token=token, plan=order.plan) for token, order in placed
        )
        self.book = replace(self.book, pending=pending)
        self.gas_book.wanted.clear()
        return [order for _, order in placed]

    def _book_fill(self, pending: Pending, paid: int, received: int, desk: MarketDesk) -> None:
        book, plan, token = self.book, pending.plan, pending.token
        balances = dict(book.balances)
        balances[plan.token_in] -= paid
        balances[plan.token_out] = balances.get(plan.token_out, 0) + received
        positions = dict(book.positions)
        if pending.side == TradeSide.SELL:
            del positions[token]
        else:
            bought = PositionTotals(quantity=received, bought=received, cost=paid, proceeds=0, fees_quote=0)
            positions[token] = OpenPosition.of(
                bought, opened_block=desk.head.number, opened_time=desk.head.timestamp, peak_worth=0
            )
        last = {**book.last_trade_blocks, token: desk.head.number}
        self.book = replace(book, balances=balances, positions=positions, last_trade_blocks=last)


class MeasuredGas(GasBook):
    """Every path uses the same gas: a node that would measure it is not at hand."""

    def units(self, path: object) -> int | None:
        return GAS_UNITS


def market_desk(network: Network, start: MarketStart) -> MarketDesk:
    quote = network.token(network.quote_token)
    return MarketDesk(
        start=start,
        quote=quote,
        watched=[token for token in network.tokens if token != quote],
        wrapped_native=network.wrapped_native,
        probe=50 * 10**quote.decimals,
        every_block=True,
    )


def open_sessions(network: Network, desk: MarketDesk, deposits: Sequence[int]) -> list[Session]:
    """One session a deposit (whole quote tokens), the levels in turn."""
    gas_book = MeasuredGas(None)
    scope = TradingScope(
        network=network,
        chain_key="benchmark",
        quote=desk.quote,
        watched=desk.watched,
        live=True,
        dollar_quote=True,
        deposits={},
    )
    return [
        _session(scope, desk, gas_book, 1 + number % LEVELS, deposit * 10**desk.quote.decimals, number)
        for number, deposit in enumerate(deposits)
    ]


def _session(
    scope: TradingScope, desk: MarketDesk, gas_book: GasBook, number: int, deposit: int, index: int
) -> Session:
    tools = Tools(
        scope=scope,
        desk=desk,
        gas_book=gas_book,
        executor=PaperExecutor(None),
        engine=AIEngine(level(number)),
        receipts=ReceiptCheck(None),
        tip=lambda: TIP,
        clock=lambda: float(desk.head.timestamp),
    )
    memory = DecisionMemory()
    return Session(
        decider=Decider(
            tools=tools,
            views=ViewDesk(scope=scope, desk=desk, gas_book=gas_book),
            memory=memory,
            sender=Address(f"0x{index + 1:040x}"),
        ),
        memory=memory,
        gas_book=gas_book,
        book=Book(
            balances={desk.quote.address: deposit, NATIVE: NATIVE_WEI},
            positions={},
            pending=(),
            last_trade_blocks={},
            gas_quote=0,
        ),
        start_equity=deposit,
    )
