"""What a session may do on a block besides what its engine thinks: paused, bound by orders, told by its owner."""

from dataclasses import replace

import pytest

from paper_trading.bot.book import Book, Pending
from paper_trading.bot.decider import Decider
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.intelligence.base import Action
from paper_trading.models import SessionCommand, TradeSide
from paper_trading.services.ticks import Decided
from paper_trading.tokens import NATIVE
from tests.support.paths import address
from tests.support.small_bot import RISE, book, command, decider, measured, risen
from tests.support.small_desk import (
    ALT,
    DOLLAR,
    FIRST,
    GWEI,
    LONE,
    ONE,
    SCOPE,
    SENDER,
    USD,
    USD_WETH,
    WETH,
    WETH_ALT,
    block,
    plan,
)

HEAD = block(FIRST + RISE)


@pytest.fixture(scope="module")
def market() -> MarketDesk:
    return risen()


def think(market: MarketDesk, account: Book | None = None, **changes: object) -> dict[str, Decided]:
    """What is decided on the head, by the token's symbol."""
    given = {"start_equity": 10_000 * DOLLAR, "trusted": True, **changes}
    found = decider(market).decide(book() if account is None else account, HEAD, **given)  # type: ignore[arg-type]
    symbols = {token.address: token.symbol for token in (WETH, ALT)}
    return {symbols[item.token]: item for item in found}


def told(by: Decider, account: Book, *commands: SessionCommand) -> list[tuple[int, Decided | str]]:
    return list(by.by_hand(account, HEAD, commands))


def tell(market: MarketDesk, account: Book, *commands: SessionCommand) -> list[tuple[int, Decided | str]]:
    return told(decider(market), account, *commands)


def order(outcome: Decided | str) -> Decided:
    assert isinstance(outcome, Decided), outcome
    assert outcome.order is not None
    return outcome


def waiting(*, token_in: object = USD, token_out: object = WETH, amount: int = 500 * DOLLAR) -> Pending:
    way = plan(token_in, token_out, amount_in=amount)  # type: ignore[arg-type]
    side = TradeSide.BUY if token_in == USD else TradeSide.SELL
    return Pending(trade_id=9, side=side, token=token_out.address if token_in == USD else token_in.address, plan=way)  # type: ignore[attr-defined]


BUY_WETH = command(1, "buy", WETH.address, 100 * DOLLAR)


def test_a_rising_token_is_bought(market: MarketDesk) -> None:
    bought = think(market)["WETH"]
    assert (bought.thought.action, bought.thought.code) == (Action.BUY, "edge_over_bar")
    assert bought.order is not None


def test_while_buying_is_paused_the_same_thought_is_a_hold(market: MarketDesk) -> None:
    held = think(market, paused=True)["WETH"]
    assert (held.thought.action, held.thought.code, held.thought.size, held.order) == (Action.HOLD, "paused", 0, None)
    assert held.thought.edge_bps == think(market)["WETH"].thought.edge_bps


def test_a_pause_keeps_nothing_from_being_sold(market: MarketDesk) -> None:
    sold = think(market, book(held={WETH.address: ONE}), paused=True)["WETH"]
    assert (sold.thought.action, sold.order is not None) == (Action.SELL, True)


def test_a_command_to_buy_is_an_order_of_exactly_that_amount(market: MarketDesk) -> None:
    [(pk, outcome)] = tell(market, book(), BUY_WETH)
    done = order(outcome)
    assert (pk, done.token, done.block, done.row_id) == (1, WETH.address, HEAD, None)
    assert (done.thought.action, done.thought.code) == (Action.BUY, "by_hand")
    assert done.order is not None
    assert (done.order.side, done.order.exit_reason) == (TradeSide.BUY, "")
    made = done.order.plan
    best = market.buy(WETH.address, 100 * DOLLAR)
    assert best is not None
    assert (made.amount_in, made.quoted_out, made.path, made.sender) == (
        100 * DOLLAR,
        best.amount_out,
        best.path,
        SENDER,
    )
    assert (made.decided_at, 0 < made.minimum_out < made.quoted_out) == (HEAD, True)


@pytest.mark.parametrize(("amount", "sold"), [(ONE // 4, ONE // 4), (None, ONE)])
def test_a_command_to_sell_sells_the_amount_or_all(market: MarketDesk, amount: int | None, sold: int) -> None:
    [(_, outcome)] = tell(market, book(held={WETH.address: ONE}), command(1, "sell", WETH.address, amount))
    done = order(outcome)
    assert done.order is not None
    assert (done.order.plan.amount_in, done.order.side, done.order.exit_reason) == (sold, TradeSide.SELL, "by_hand")


def test_exit_all_has_an_outcome_for_every_position(market: MarketDesk) -> None:
    outcomes = tell(market, book(held={WETH.address: ONE, LONE.address: ONE}), command(4, "exit_all"))
    assert [pk for pk, _ in outcomes] == [4, 4]
    assert order(outcomes[0][1]).token == WETH.address
    assert outcomes[1][1] == "no path takes the whole amount"


def test_two_positions_behind_one_pool_are_sold_one_after_the_other(market: MarketDesk) -> None:
    outcomes = tell(market, book(held={WETH.address: ONE, ALT.address: ONE}), command(4, "exit_all"))
    assert order(outcomes[0][1]).token == WETH.address
    assert outcomes[1][1] == "another order of this account waits for the same pool"


REFUSED = {
    "no position is open": (command(1, "exit_all"), {}),
    "no position in WETH is open": (command(1, "sell", WETH.address), {}),
    "the open position holds 1.00000 WETH": (
        command(1, "sell", WETH.address, ONE + 1),
        {"held": {WETH.address: ONE}},
    ),
    "LONE is not among the tokens of this session": (command(1, "buy", LONE.address, DOLLAR), {}),
    f"{address(99)} is no token that can be traded here": (command(1, "buy", address(99), DOLLAR), {}),
    f"{USD.address} is no token that can be traded here": (command(1, "buy", USD.address, DOLLAR), {}),
    "how much USD to spend is not said": (command(1, "buy", WETH.address, None), {}),
    "10,000.00 USD are free, less than this buy takes": (command(1, "buy", WETH.address, 10_000 * DOLLAR + 1), {}),
    "no path takes the whole amount": (command(1, "sell", LONE.address, 1), {"held": {LONE.address: ONE}}),
    "a pool on the way disagreed with the node in this session": (
        BUY_WETH,
        {"quarantined": frozenset([USD_WETH.address])},
    ),
    "another order for WETH is waiting": (BUY_WETH, {"pending": (waiting(),)}),
    "another order of this account waits for the same pool": (
        command(1, "buy", ALT.address, 100 * DOLLAR),
        {"pending": (waiting(),)},
    ),
    "the native balance does not cover the gas": (BUY_WETH, {"balances": {USD.address: 500 * DOLLAR, NATIVE: 10**13}}),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_command_that_cannot_be_carried_out_says_why(market: MarketDesk, reason: str) -> None:
    asked, account = REFUSED[reason]
    assert tell(market, book(**account), asked) == [(1, reason)]  # type: ignore[arg-type]


def test_what_the_node_cannot_simulate_is_not_ordered_by_hand_either(market: MarketDesk) -> None:
    by = decider(market, unsimulated={WETH.address: "its balance slot was not found"})
    assert told(by, book(), BUY_WETH) == [(1, "its balance slot was not found")]


def test_what_waiting_buys_take_cannot_be_spent_again(market: MarketDesk) -> None:
    spent = replace(waiting(amount=9_950 * DOLLAR), token=LONE.address)
    [(_, outcome)] = tell(market, book(pending=(spent,)), BUY_WETH)
    assert outcome == "50.0000 USD are free, less than this buy takes"


def test_two_commands_for_one_token_are_one_order(market: MarketDesk) -> None:
    outcomes = tell(market, book(), BUY_WETH, command(2, "buy", WETH.address, 50 * DOLLAR))
    assert order(outcomes[0][1]).token == WETH.address
    assert outcomes[1] == (2, "another order for WETH is waiting")


@pytest.mark.parametrize("units", [0, 210_000])
def test_gas_that_was_not_measured_is_counted_at_its_bound(market: MarketDesk, units: int) -> None:
    """The bound is 180,000 units; the fee cap at level 8 is under 3 gwei."""
    account = book(balances={USD.address: 500 * DOLLAR, NATIVE: units * 3 * GWEI})
    [(_, outcome)] = told(decider(market, gas_book=GasBook(None)), account, BUY_WETH)
    assert isinstance(outcome, Decided) is (units > 0)


def test_without_gas_none_is_asked_for(market: MarketDesk) -> None:
    by = decider(market, scope=replace(SCOPE, live=False))
    [(_, outcome)] = told(by, book(balances={USD.address: 500 * DOLLAR}), BUY_WETH)
    assert order(outcome).token == WETH.address


def test_on_a_stale_or_disputed_head_commands_wait(market: MarketDesk) -> None:
    assert told(decider(market, late=3.5), book(), BUY_WETH) == []
    assert decider(market).by_hand(book(), HEAD, [BUY_WETH], trusted=False) == ()


def test_a_token_that_was_ordered_by_hand_has_no_other_thought(market: MarketDesk) -> None:
    by = decider(market)
    [(_, outcome)] = told(by, book(), BUY_WETH)
    found = by.decide(book(), HEAD, start_equity=10_000 * DOLLAR, trusted=True, ordered=[order(outcome)])
    assert [item.token for item in found] == [ALT.address]
    assert found[0].order is None


def test_cash_that_a_hand_took_is_not_spent_by_the_engine(market: MarketDesk) -> None:
    by = decider(market)
    [(_, outcome)] = told(by, book(), command(1, "buy", WETH.address, 9_990 * DOLLAR))
    [left] = by.decide(book(), HEAD, start_equity=10_000 * DOLLAR, trusted=True, ordered=[order(outcome)])
    assert left.thought.code == "below_min_trade"


def test_refusals_leave_the_token_to_the_engine(market: MarketDesk) -> None:
    by = decider(market)
    [(_, outcome)] = told(by, book(), command(1, "buy", WETH.address, 20_000 * DOLLAR))
    assert isinstance(outcome, str)
    found = by.decide(book(), HEAD, start_equity=10_000 * DOLLAR, trusted=True, ordered=())
    assert found[0].order is not None


def test_gas_is_measured_for_the_small_bot() -> None:
    assert measured().fee(plan(USD, WETH, amount_in=DOLLAR).path, 1) == 120_000


def test_pools_of_a_path_over_two_hops_are_both() -> None:
    assert plan(USD, WETH, ALT, amount_in=DOLLAR).path.pools == {USD_WETH.address, WETH_ALT.address}
