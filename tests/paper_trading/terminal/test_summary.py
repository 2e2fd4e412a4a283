"""The end of a run, for people and as values."""

import io
import json

import pytest
from rich.console import Console

from paper_trading.models import BotSession, SessionStatus
from paper_trading.selectors.summary import SessionSummary
from paper_trading.terminal.summary import RunEnd
from tests.paper_trading.terminal.reports import HOSTILE
from tests.support.small_desk import DOLLAR, USD

NOTHING = SessionSummary(
    statuses={},
    sides={},
    witnesses={},
    exits={},
    round_trips=0,
    wins=0,
    realised=0,
    pool_fees=0,
    impact=0,
    drift=0,
    gas_quote=0,
    gas_wei=0,
    volume=0,
    decisions=0,
    decision_rows=0,
    holds={},
)
BUSY = SessionSummary(
    statuses={"filled": 3, "reverted": 1},
    sides={"buy": 2, "sell": 1},
    witnesses={"both": 3, "disputed": 1},
    exits={"stop_loss": 1},
    round_trips=1,
    wins=0,
    realised=-5 * DOLLAR,
    pool_fees=9 * DOLLAR,
    impact=2 * DOLLAR,
    drift=-1 * DOLLAR,
    gas_quote=3 * DOLLAR,
    gas_wei=1_500_000_000_000_000,
    volume=3_000 * DOLLAR,
    decisions=1_234,
    decision_rows=10,
    holds={"cooldown": 4, "edge_below_bar": 1_000, "holding": 200, "no_data": 3, "last": 1},
)


def ended(
    summary: SessionSummary = BUSY,
    *,
    equity: int | None = 9_900 * DOLLAR,
    holding: int | None = 10_100 * DOLLAR,
    reason: str = "stopped by the user",
    recording: str = "",
    start: int | None = 10_000 * DOLLAR,
) -> RunEnd:
    session = BotSession(pk=7, status=SessionStatus.ENDED, end_reason=reason, recording=recording, start_equity=start)
    return RunEnd(session=session, summary=summary, quote=USD, native_symbol="ETH", equity=equity, holding=holding)


def drawn(end: RunEnd, width: int = 160) -> str:
    console = Console(record=True, width=width, height=50, file=io.StringIO(), force_terminal=True)
    console.print(end.rich())
    return console.export_text(styles=False)


def row(end: RunEnd, name: str) -> str:
    [line] = [line for line in drawn(end).splitlines() if line.lstrip("│ ").startswith(name)]
    return line


def test_the_title_says_paper_which_session_and_why_it_ended() -> None:
    assert "PAPER  session 7 ended: stopped by the user" in drawn(ended())


def test_a_reason_that_looks_like_markup_is_shown_as_it_is() -> None:
    assert "node said [/red] [bold]no" in drawn(ended(reason="node said [/red] [bold]no"))


def test_a_hostile_reason_does_not_reach_the_terminal() -> None:
    assert not {"\x1b", "\x07", "\x00", "\u202e"} & set(drawn(ended(reason=HOSTILE)))


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("summary", [NOTHING, BUSY], ids=["nothing", "busy"])
def test_it_fits_the_terminal(summary: SessionSummary, width: int) -> None:
    assert max(map(len, drawn(ended(summary), width).splitlines())) <= width


def test_the_result_is_what_the_account_is_worth_more_or_less_than_at_the_start() -> None:
    assert "-100.000 USD (-1.00 %), 10000.000000 at the start" in row(ended(), "result")


def test_holding_instead_is_told_beside_it() -> None:
    assert "+100.000 USD (+1.00 %)" in row(ended(), "holding instead")


@pytest.mark.parametrize("end", [ended(equity=None), ended(start=None)], ids=["no_equity", "no_start"])
def test_an_unknown_result_is_said_to_be_unknown(end: RunEnd) -> None:
    assert "not known" in row(end, "result")
    assert "holding instead" not in drawn(end)


def test_costs_are_losses() -> None:
    assert "-9.00000 USD" in row(ended(), "pool fees")
    assert "-2.00000 USD" in row(ended(), "price impact")
    assert "+1.00000 USD" in row(ended(), "drift to the fill")
    assert "-3.00000 USD (0.001500 ETH)" in row(ended(), "gas")


def test_a_recording_says_that_no_gas_was_charged() -> None:
    assert "no gas was charged" in row(ended(recording="data/pool"), "gas")


def test_round_trips_are_counted_after_every_cost() -> None:
    assert "0 of 1 round trips won after every cost, -5.00000 USD; exits: 1 stop loss" in row(ended(), "closed")


def test_the_four_commonest_reasons_to_hold_are_named() -> None:
    line = row(ended(), "decisions")
    assert "1,234; held back by edge below bar (1,000), holding (200), cooldown (4), no data (3)" in line
    assert "last" not in line


def test_a_run_without_trades_says_so() -> None:
    assert "none" in row(ended(NOTHING), "trades")
    assert "nothing" in row(ended(NOTHING), "decisions")


def test_the_values_are_exact_and_json() -> None:
    values = ended().values()
    assert json.loads(json.dumps(values)) == values
    assert values["equity"] == {"amount": "9900000000", "decimals": 6, "symbol": "USD", "text": "9900.000000"}
    assert (values["session"], values["status"], values["reason"]) == (7, "ended", "stopped by the user")
    assert (values["round_trips"], values["wins"], values["decisions"]) == (1, 0, 1_234)
    assert values["costs"]["drift"]["amount"] == "-1000000"
    assert values["costs"]["gas_wei"] == "1500000000000000"


def test_unknown_values_are_null() -> None:
    values = ended(equity=None, holding=None).values()
    assert (values["equity"], values["holding"]) == (None, None)
