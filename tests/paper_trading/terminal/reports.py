"""Reports of a run: an empty one, and one that has everything in it."""

from dataclasses import replace

from dex.types import Address, Token
from paper_trading.bot.report import BlockReport, Booked, Held, Thought
from paper_trading.intelligence.base import Action, Decision, PositionView
from paper_trading.models import TradeSide
from paper_trading.services.fill import Fill, Witness
from tests.paper_trading.world import fill_of, revert_in
from tests.support.small_desk import ALT, DOLLAR, FIRST, ONE, SENDER, USD, WETH, block, plan

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202egnp\u200b\n[bold red]A[/bold red]\x00"
"""Clears the screen, sets the title, reverses, hides, breaks the line, styles, ends the string."""

DECISION = Decision(
    action=Action.HOLD,
    code="edge_below_bar",
    reasons=("the edge is 3 bps under the bar", "trend speaks for it", "gas is dear", "a fourth one"),
    edge_bps=-3.25,
    cost_bps=61.5,
    confidence=0.625,
    size=0,
    tolerance_bps=50,
    readings=(),
)
BUY = plan(USD, WETH, amount_in=1_000 * DOLLAR)
SELL = plan(WETH, USD, amount_in=ONE)
VIEW = PositionView(quantity=2 * ONE, cost=5_000 * DOLLAR, opened_block=1, opened_time=1, peak_worth=0)


def named(symbol: str, number: int = 3) -> Token:
    return Token(chain_id=31337, address=Address("0x" + f"{number:x}" * 40), symbol=symbol, decimals=18)


def bought(token: Token = WETH, *, fill: Fill | None = None, ok: bool | None = True, number: int = 41) -> Booked:
    done = fill_of(block(FIRST + 1), 1_000 * DOLLAR, 4 * 10**17) if fill is None else fill
    return Booked(trade_id=number, side=TradeSide.BUY, token=token, plan=BUY, fill=done, receipt_ok=ok)


def sold(*, ok: bool | None = True) -> Booked:
    fill = fill_of(block(FIRST + 1), ONE, 2_490 * DOLLAR)
    return Booked(trade_id=42, side=TradeSide.SELL, token=WETH, plan=SELL, fill=fill, receipt_ok=ok)


def reverted(reason: str = "Too little received") -> Booked:
    return bought(fill=replace(revert_in(block(FIRST + 1)), revert_reason=reason), number=43)


def disputed() -> Booked:
    fill = replace(fill_of(block(FIRST + 1), 1_000 * DOLLAR, 4 * 10**17), witness=Witness.DISPUTED, model_amount_out=1)
    return bought(fill=fill, ok=False, number=44)


def thought(token: Token = WETH, action: Action = Action.HOLD) -> Thought:
    return Thought(token=token, decision=replace(DECISION, action=action), ordered=action is not Action.HOLD)


def empty() -> BlockReport:
    return BlockReport(
        block=block(FIRST, base_fee=None),
        quote=USD,
        prices={},
        cash=0,
        native=0,
        equity=None,
        start_equity=None,
        held=(),
        thoughts=(),
        booked=(),
        waiting=0,
    )


def full(*more: Token) -> BlockReport:
    tokens = (WETH, ALT, *more)
    return BlockReport(
        block=block(FIRST + 1),
        quote=USD,
        prices=dict.fromkeys(tokens, 2500.0),
        cash=4_000 * DOLLAR + 1,
        native=987_654_321_012_345_678,
        equity=9_012_345_678,
        start_equity=10_000 * DOLLAR,
        held=(
            Held(token=WETH, view=VIEW, worth=4_900 * DOLLAR, mid_worth=5_000.0),
            Held(token=ALT, view=VIEW, worth=None, mid_worth=None),
        ),
        thoughts=tuple(thought(token) for token in tokens),
        booked=(bought(), sold(), reverted(), disputed()),
        waiting=2,
        launches=(SENDER,),
        notes=("the node is away",),
        decided_ms=1.23456,
        booked_ms=7.0,
    )
