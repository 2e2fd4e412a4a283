"""What is on the screen, at the smallest usual size and at a large one."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from dex.types import Token
from paper_trading.bot.report import BlockReport
from paper_trading.terminal.screen import NOTES_KEPT, Screen
from tests.paper_trading.terminal.reports import HOSTILE, bought, empty, full, named, reverted, thought
from tests.support.small_desk import FIRST, WETH

SIZES = [(80, 24), (160, 50)]


def new_screen(*, live: bool = True, total_blocks: int | None = None) -> Screen:
    return Screen(
        venue="devnet", session="session 1, level 8", native_symbol="ETH", live=live, total_blocks=total_blocks
    )


def drawn(screen: Screen, size: tuple[int, int] = (160, 50)) -> str:
    width, height = size
    console = Console(record=True, width=width, height=height, file=io.StringIO(), force_terminal=True)
    console.print(screen)
    return console.export_text(styles=False)


def shown(*reports: BlockReport, size: tuple[int, int] = (160, 50)) -> str:
    screen = new_screen()
    for report in reports:
        screen.take(report)
    return drawn(screen, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("report", [empty(), full()], ids=["empty", "full"])
def test_it_fits_the_terminal_whatever_there_is_to_show(report: BlockReport, size: tuple[int, int]) -> None:
    lines = shown(report, size=size).rstrip("\n").split("\n")
    assert len(lines) <= size[1]
    assert max(map(len, lines)) <= size[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("report", [None, empty(), full()], ids=["none", "empty", "full"])
def test_it_is_marked_as_paper_at_all_times(report: BlockReport | None, size: tuple[int, int]) -> None:
    assert " PAPER " in shown(*([] if report is None else [report]), size=size)


@pytest.mark.parametrize("size", SIZES)
def test_the_account_is_seen_at_every_size(size: tuple[int, int]) -> None:
    text = shown(full(), size=size)
    assert "equity 9,012.3456 USD" in text
    assert "block 101" in text


@pytest.mark.parametrize("size", SIZES)
def test_the_newest_trade_and_the_way_out_are_seen_at_every_size(size: tuple[int, int]) -> None:
    text = shown(full(), size=size)
    assert "disputed" in text
    assert "Ctrl-C" in text


@pytest.mark.parametrize("size", SIZES)
def test_five_tokens_leave_room_for_the_newest_trade_and_the_way_out(size: tuple[int, int]) -> None:
    text = shown(full(*(named(f"TOK{n}", n) for n in (5, 6, 7))), size=size)
    assert "disputed" in text
    assert "Ctrl-C" in text


@pytest.mark.parametrize("size", SIZES)
def test_how_to_log_in_stays_whole_at_every_size(size: tuple[int, int]) -> None:
    lines = ("Log in with your wallet: run `make web`, then open", "http://127.0.0.1:8000/login/#bootstrap=" + "x" * 32)
    screen = Screen(venue="devnet", session="1", native_symbol="ETH", live=True, total_blocks=None, foot=lines)
    screen.take(full())
    text = drawn(screen, size)
    assert [line for line in lines if line not in text] == []
    assert "Ctrl-C" in text


def test_an_unknown_equity_is_said_to_be_unknown() -> None:
    assert "equity not known yet" in shown(empty())


def test_the_result_is_told_with_its_sign_and_share() -> None:
    text = shown(full())
    assert "-987.654 USD (-9.88 %)" in text


def test_a_position_shows_what_it_cost_and_would_bring() -> None:
    [line] = [line for line in shown(full()).splitlines() if "2,500.00 USD" in line and "4,900.00 USD" in line]
    assert ("5,000.00 USD" in line, "-100.000 USD" in line) == (True, True)


def test_a_position_that_cannot_be_sold_says_so() -> None:
    assert "cannot be sold whole" in shown(full())


def test_every_kind_of_trade_is_told() -> None:
    text = shown(full())
    for words in ("0.400000 WETH", "reverted: Too little received", "model = node", "disputed", "DOES NOT MATCH"):
        assert words in text
    assert "trades: 3 filled, 1 reverted, 2 waiting for their block" in text


def test_the_newest_trade_is_on_top() -> None:
    older = replace(full(), booked=(bought(named("OLD", 5)),))
    newer = replace(full(), booked=(bought(named("NEW", 6)),))
    text = shown(older, newer)
    assert text.index("NEW") < text.index("OLD")


def test_the_newest_thought_on_a_token_stands() -> None:
    sure = replace(thought(), decision=replace(thought().decision, code="edge_over_bar"))
    text = shown(full(), replace(full(), thoughts=(sure,)))
    assert "edge over bar" in text
    assert text.count("edge below bar") == 1


def test_launches_are_counted_over_the_run() -> None:
    assert "2 new pools launched (seen, not bought)" in shown(full(), full())


def test_only_the_newest_notes_are_kept_and_none_twice_in_a_row() -> None:
    screen = new_screen()
    screen.take(empty())
    for text in ("first", "second", "second", "third", "fourth"):
        screen.note(text)
    text = drawn(screen)
    assert "first" not in text
    assert [text.count(word) for word in ("second", "third", "fourth")] == [1] * NOTES_KEPT


def test_before_the_first_block_the_notes_are_shown() -> None:
    screen = new_screen()
    screen.note("waiting for the node")
    assert "waiting for the node" in drawn(screen)


def test_a_recording_has_no_gas_money_and_tells_how_far_it_is() -> None:
    screen = new_screen(live=False, total_blocks=4)
    screen.take(empty())
    text = drawn(screen)
    assert "25 % of the recording" in text
    assert "gas money" not in text


def test_gas_money_is_shown_on_a_living_chain() -> None:
    assert "gas money 0.98765 ETH" in shown(full())


def hostile_report(token: Token) -> BlockReport:
    sly = replace(thought(token), decision=replace(thought().decision, reasons=(HOSTILE,)))
    return replace(full(token), thoughts=(sly,), booked=(bought(token), reverted(HOSTILE)), notes=(HOSTILE,))


@pytest.mark.parametrize("size", SIZES)
def test_nothing_hostile_reaches_the_terminal(size: tuple[int, int]) -> None:
    text = shown(hostile_report(named(HOSTILE)), size=size)
    assert not {"\x1b", "\x07", "\x00", "\u202e", "\u200b"} & set(text)


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    screen = new_screen()
    screen.take(replace(full(), notes=("[bold]node[/bold] said [/]",)))
    assert "[bold]node[/bold] said [/]" in drawn(screen)


def test_the_block_is_the_newest_one() -> None:
    text = shown(empty(), full())
    assert f"block {FIRST + 1}" in text
    assert f"block {FIRST} " not in text


def test_a_token_is_named_in_every_table() -> None:
    assert shown(full()).count(WETH.symbol) >= 3
