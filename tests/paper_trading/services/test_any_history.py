"""Whatever happens to an account, in whatever order, its books stay in order."""

from contextlib import ExitStack
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dex.types import Address
from paper_trading.bot.book import Book, read_book
from paper_trading.errors import InsufficientBalance, PositionExceeded
from paper_trading.models import PaperTrade, TradeSide
from paper_trading.selectors import balances, check_ledger
from paper_trading.services.accounts import reset_account
from paper_trading.services.booking import FillCosts, book_fill, unbook_trade
from paper_trading.services.fill import Fill
from paper_trading.services.positions import inherit_position
from paper_trading.services.ticks import Filled
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import (
    DEPOSITS,
    FEE,
    WBTC,
    WETH,
    block_at,
    fill_of,
    new_session,
    new_world,
    revert_in,
)
from tests.support.postgres import rolled_back

TOKENS = st.sampled_from([WETH, WBTC])
SIDES = st.sampled_from(list(TradeSide))
AMOUNTS = st.one_of(st.integers(1, 200), st.integers(10**9, 12 * 10**9))
GAINS = st.one_of(st.integers(0, 200), st.integers(2**200, 2**201))
OPENING = DEPOSITS | {WBTC: 100, NATIVE: 12 * FEE}

Change = dict[str, int]


@dataclass
class Booked:
    trade: PaperTrade
    change: Change


class History(RuleBasedStateMachine):
    """Keeps a wallet of its own, in plain Python, to hold against the ledger."""

    @initialize()
    def open(self) -> None:
        self.undo = ExitStack()
        self.undo.enter_context(rolled_back())
        self.world = new_world(deposits=OPENING)
        self.wallet: Change = dict(OPENING)
        self.booked: list[Booked] = []
        self.unbooked: list[PaperTrade] = []

    @rule(side=SIDES, token=TOKENS, amount=AMOUNTS, gain=GAINS, gas_quote=st.integers(0, 9))
    def fill(self, side: TradeSide, token: Address, amount: int, gain: int, gas_quote: int) -> None:
        self.attempt(self.world.trade(side, token, amount), amount, gain, gas_quote)

    @rule(side=SIDES, token=TOKENS)
    def revert(self, side: TradeSide, token: Address) -> None:
        self.attempt(self.world.trade(side, token, 5), 0, 0, 1)

    @precondition(lambda self: self.booked)
    @rule()
    def unbook(self) -> None:
        last = self.booked.pop()
        unbook_trade(trade=last.trade, block=self.world.next_block())
        self.unbooked.append(last.trade)
        self.move({token: -amount for token, amount in last.change.items()})

    @precondition(lambda self: self.unbooked)
    @rule(gain=GAINS)
    def refill(self, gain: int) -> None:
        trade = self.unbooked.pop()
        self.attempt(trade, trade.amount_in, gain, 2)

    @rule(quantity=st.integers(1, 120), cost=AMOUNTS)
    def inherit(self, quantity: int, cost: int) -> None:
        if self.world.account.positions.filter(token=WBTC, status="open").exists():
            return
        if quantity <= self.wallet.get(WBTC, 0) and not self.booked:
            inherit_position(
                session=self.world.session, token=WBTC, quantity=quantity, cost=cost, block=block_at(self.world.block)
            )

    @rule()
    def reset(self) -> None:
        self.world.session.status = "ended"
        self.world.session.save(update_fields=["status"])
        self.world.account = reset_account(account=self.world.account, deposits=OPENING, block=self.world.next_block())
        self.world.session = new_session(self.world.account)
        self.wallet = dict(OPENING)
        self.booked, self.unbooked = [], []

    @invariant()
    def books_are_in_order(self) -> None:
        assert [str(problem) for problem in check_ledger(self.world.account)] == []
        held = {token: amount for token, amount in balances(self.world.account).items() if amount != 0}
        assert held == {token: amount for token, amount in self.wallet.items() if amount != 0}

    def attempt(self, trade: PaperTrade, amount: int, gain: int, gas_quote: int) -> None:
        block = self.world.next_block()
        fill = revert_in(block) if amount == 0 else fill_of(block, amount, gain)
        change = {trade.token_in: -fill.amount_in, trade.token_out: fill.amount_out, NATIVE: -FEE}
        predicted = self.predicted(trade, fill, gas_quote)
        affordable = all(self.wallet.get(token, 0) + amount >= 0 for token, amount in change.items())
        try:
            book_fill(session=self.world.session, trade=trade, fill=fill, costs=FillCosts(gas_quote=gas_quote))
        except PositionExceeded:
            return
        except InsufficientBalance:
            assert not affordable
            return
        assert affordable
        assert predicted == read_book(self.world.session)
        self.booked.append(Booked(trade=trade, change=change))
        self.move(change)

    def predicted(self, trade: PaperTrade, fill: Fill, gas_quote: int) -> Book | None:
        """The bot's own idea of its book after the fill, before that is booked; None where it sees a sale too large."""
        before = read_book(self.world.session)
        [order] = [pending for pending in before.pending if pending.trade_id == trade.pk]
        try:
            return before.settled([(order, Filled(trade_id=trade.pk, fill=fill, gas_quote=gas_quote))], (), ())
        except PositionExceeded:
            return None

    def teardown(self) -> None:
        self.undo.close()

    def move(self, change: Change) -> None:
        for token, amount in change.items():
            self.wallet[token] = self.wallet.get(token, 0) + amount


def test_any_history_leaves_the_books_in_order(books_db: str) -> None:
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
