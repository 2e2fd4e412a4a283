"""The live screen of a run: redrawn every block, so that nothing that matters scrolls away."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from dex.types import Token
from paper_trading.bot.report import BlockReport, Booked, Thought
from paper_trading.services.fill import FillStatus, Witness
from paper_trading.terminal.words import (
    NATIVE_DECIMALS,
    RECEIPT_WORDS,
    amount,
    gwei,
    percent,
    plain,
    price,
    signed,
    symbol,
)

TRADES_KEPT, NOTES_KEPT = 200, 3
HEADER_ROWS, TRADE_ROWS = 5, 5
TABLE_FRAME = 3
"""Rows of a table beside its tokens: its titles and the frame around it."""

RECEIPT_STYLE = {True: "green", False: "bold red", None: "dim"}
ACTION_STYLE = {"buy": "bold green", "sell": "bold red", "hold": "dim"}


class Screen:
    """Takes reports and draws the newest state; holds no data of its own beyond the last trades and thoughts.

    ``foot`` are lines that stay in sight.
    """

    def __init__(
        self,
        *,
        venue: str,
        session: str,
        native_symbol: str,
        live: bool,
        total_blocks: int | None,
        foot: Sequence[str] = (),
    ) -> None:
        self._venue = venue
        self._session = session
        self._native_symbol = native_symbol
        self._live = live
        self._total_blocks = total_blocks
        self.foot = foot
        self._report: BlockReport | None = None
        self._blocks = 0
        self._launches = 0
        self._thoughts: dict[Token, Thought] = {}
        self._trades: deque[Booked] = deque(maxlen=TRADES_KEPT)
        self._counts = {FillStatus.FILLED: 0, FillStatus.REVERTED: 0}
        self._notes: deque[str] = deque(maxlen=NOTES_KEPT)

    def take(self, report: BlockReport) -> None:
        self._report = report
        self._blocks += 1
        self._launches += len(report.launches)
        for thought in report.thoughts:
            self._thoughts[thought.token] = thought
        for booked in report.booked:
            self._trades.append(booked)
            self._counts[booked.fill.status] += 1
        for note in report.notes:
            self.note(note)

    def note(self, text: str) -> None:
        if not self._notes or self._notes[-1] != plain(text):
            self._notes.append(plain(text))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._draw(options.max_height if options.height is None else options.height)

    def _draw(self, height: int) -> RenderableType:
        """In a low terminal the decisions give way first: trades and the way out stay in sight."""
        report = self._report
        if report is None:
            waiting = Group(Text(" PAPER ", style="black on yellow"), *(Text(note) for note in self._notes))
            return Panel(waiting, title="dexproject", subtitle="reading the chain")
        layout = Layout()
        tokens = max(len(report.prices), len(self._thoughts), 1)
        foot, table = 1 + len(self._notes) + len(self.foot), tokens + TABLE_FRAME
        decisions = max(TABLE_FRAME, min(table, height - HEADER_ROWS - table - TRADE_ROWS - foot))
        layout.split_column(
            Layout(self._header(report), size=HEADER_ROWS),
            Layout(Panel(self._prices(report), title="market and positions", border_style="blue"), size=table),
            Layout(Panel(self._decisions(), title="decisions", border_style="blue"), size=decisions),
            Layout(Panel(self._trade_table(), title=self._trade_title(), border_style="blue"), minimum_size=TRADE_ROWS),
            Layout(self._footer(), size=foot),
        )
        return layout

    def _header(self, report: BlockReport) -> RenderableType:
        first = Text(" PAPER ", style="bold black on yellow")
        first.append(f"  {self._venue}", style="bold")
        first.append(f"   block {report.block.number:,}")
        first.append(f"   {datetime.fromtimestamp(report.block.timestamp, tz=UTC):%Y-%m-%d %H:%M:%S} UTC", style="dim")
        if report.block.base_fee_per_gas is not None:
            first.append(f"   base fee {gwei(report.block.base_fee_per_gas)}", style="dim")
        if self._total_blocks is not None:
            first.append(f"   {100 * self._blocks / self._total_blocks:.0f} % of the recording", style="dim")
        second = Text()
        if report.equity is None or report.start_equity is None:
            second.append("equity not known yet: some position cannot be priced", style="yellow")
        else:
            result = report.equity - report.start_equity
            style = "green" if result > 0 else "red" if result < 0 else ""
            second.append(f"equity {amount(report.equity, report.quote, digits=8)}")
            second.append(f"   {signed(result, report.quote)} ({percent(result, report.start_equity)})", style=style)
        second.append(f"   cash {amount(report.cash, report.quote, digits=8)}", style="dim")
        if self._live:
            second.append(f"   gas money {report.native / 10**NATIVE_DECIMALS:.5f} {self._native_symbol}", style="dim")
        return Panel(Group(first, second, Text(self._session, style="dim")), title="dexproject", border_style="yellow")

    @staticmethod
    def _prices(report: BlockReport) -> Table:
        table = Table.grid(padding=(0, 2), expand=True)
        titles = (_right(title, "dim") for title in ("mid price", "held", "exit worth", "cost", "result"))
        table.add_row(Text("token", style="dim"), *titles)
        held = {position.token: position for position in report.held}
        for token, value in report.prices.items():
            row = [Text(symbol(token), style="bold"), _right(f"{price(value)} {symbol(report.quote)}")]
            position = held.get(token)
            if position is None:
                row += [_right("-")] * 4
            else:
                worth, cost = position.worth, position.view.cost
                row += [
                    _right(amount(position.view.quantity, token)),
                    _right("cannot be sold whole" if worth is None else amount(worth, report.quote)),
                    _right(amount(cost, report.quote)),
                    _right("-")
                    if worth is None
                    else _right(f"{signed(worth - cost, report.quote)}", "green" if worth > cost else "red"),
                ]
            table.add_row(*row)
        return table

    def _decisions(self) -> Table:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(width=8)
        table.add_column(width=5)
        table.add_column(width=20)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_row(*(Text(title, style="dim") for title in ("token", "does", "because", "in one line")))
        for token, thought in self._thoughts.items():
            decision = thought.decision
            table.add_row(
                Text(symbol(token), style="bold"),
                Text(decision.action.value, style=ACTION_STYLE[decision.action.value]),
                Text(decision.code.replace("_", " ")),
                Text(plain("; ".join(decision.reasons[:3]))),
            )
        return table

    def _trade_table(self) -> Table:
        table = Table.grid(padding=(0, 2), expand=True)
        titles = ("block", "", "paid", "received", "gas", "witnesses", "receipt")
        table.add_row(*(Text(title, style="dim") for title in titles))
        for booked in reversed(self._trades):
            table.add_row(*_trade_row(booked, self._native_symbol, self._report))
        return table

    def _trade_title(self) -> str:
        filled, reverted = self._counts[FillStatus.FILLED], self._counts[FillStatus.REVERTED]
        waiting = 0 if self._report is None else self._report.waiting
        return f"trades: {filled} filled, {reverted} reverted, {waiting} waiting for their block"

    def _footer(self) -> Text:
        text = Text("Ctrl-C ends the session and shows its summary", style="dim", no_wrap=True, overflow="ellipsis")
        if self._launches > 0:
            text.append(f"   {self._launches} new pools launched (seen, not bought)")
        for note in self._notes:
            text.append(f"\n{note}", style="yellow")
        for line in self.foot:
            text.append(f"\n{line}", style="cyan")
        return text


def _trade_row(booked: Booked, native_symbol: str, report: BlockReport | None) -> list[Text]:
    fill, quote = booked.fill, None if report is None else report.quote
    token_in, token_out = (quote, booked.token) if booked.side == "buy" else (booked.token, quote)
    witnesses = {
        Witness.BOTH: Text("model = node", style="green"),
        Witness.DISPUTED: Text("disputed", style="bold red"),
        Witness.MODEL_ONLY: Text("model only", style="yellow"),
        Witness.NODE_ONLY: Text("node only", style="yellow"),
    }
    failed = fill.status is FillStatus.REVERTED
    if failed:
        got = f"reverted: {plain(fill.reason)}"
    else:
        got = "-" if token_out is None else amount(fill.amount_out, token_out)
    return [
        Text(f"{fill.block.number:,}", style="dim"),
        Text(booked.side.value, style=ACTION_STYLE[booked.side.value]),
        Text("-" if token_in is None or failed else amount(fill.amount_in, token_in)),
        Text(got),
        Text(f"{fill.fee_paid / 10**NATIVE_DECIMALS:.6f} {native_symbol}" if fill.base_fee is not None else "-"),
        witnesses[fill.witness],
        Text(RECEIPT_WORDS[booked.receipt_ok], style=RECEIPT_STYLE[booked.receipt_ok]),
    ]


def _right(text: str, style: str = "") -> Text:
    return Text(text, style=style, justify="right")
