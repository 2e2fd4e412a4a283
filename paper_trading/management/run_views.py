"""What a foreground run shows: a screen for people, lines for pipes and logs, JSON for programs."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.live import Live

from paper_trading.bot.launch import Prepared
from paper_trading.bot.report import BlockReport
from paper_trading.bot.venue import Venue
from paper_trading.terminal import json_lines
from paper_trading.terminal.screen import Screen
from paper_trading.terminal.words import plain, trade_line

LEAST_SECONDS = 0.2


class LiveView:
    """The full screen, drawn anew for every block but no faster than anyone can read a recording.

    Closed, it leaves the terminal to others, and notes are lines.
    """

    def __init__(self, console: Console, foot: Sequence[str]) -> None:
        self._console = console
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._foot = foot
        self._drawn_at = 0.0
        self._screen = Screen(venue="", session="", native_symbol="", live=True, total_blocks=None)

    def __enter__(self) -> "LiveView":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        return self._live.is_started

    def close(self) -> None:
        self._live.stop()

    def opened(self, venue: Venue, prepared: Prepared) -> None:
        self._screen = Screen(
            venue=venue.name,
            session=describe(prepared),
            native_symbol=venue.scope.network.native_symbol,
            live=venue.scope.live,
            total_blocks=venue.total_blocks,
            foot=self._foot,
        )
        self._draw()

    def block(self, report: BlockReport) -> None:
        self._screen.take(report)
        if time.monotonic() - self._drawn_at >= LEAST_SECONDS:
            self._draw()

    def note(self, text: str) -> None:
        self._screen.note(text)
        if self._live.is_started:
            self._draw()
        else:
            self._console.print(f"PAPER  {plain(text)}", markup=False, highlight=False, soft_wrap=True)

    def foot(self, lines: Sequence[str]) -> None:
        self._foot = self._screen.foot = lines
        self._draw()

    def _draw(self) -> None:
        if self._live.is_started:
            self._drawn_at = time.monotonic()
            self._live.update(self._screen, refresh=True)


class PlainView:
    """Lines for a pipe or a log: trades and notes, not every block."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def opened(self, venue: Venue, prepared: Prepared) -> None:
        self._console.print(f"PAPER  {venue.name}  {describe(prepared)}", markup=False, highlight=False)

    def block(self, report: BlockReport) -> None:
        for booked in report.booked:
            self._console.print(f"PAPER  {trade_line(booked, report.quote)}", markup=False, highlight=False)
        for note in report.notes:
            self.note(note)

    def note(self, text: str) -> None:
        self._console.print(f"PAPER  {plain(text)}", markup=False, highlight=False)

    def foot(self, lines: Sequence[str]) -> None:
        """Lines have none."""


class JsonView:
    def opened(self, venue: Venue, prepared: Prepared) -> None:
        session = prepared.session
        self._write(
            json_lines.line(
                "startup",
                venue=venue.name,
                session=session.pk,
                account=session.account_id,
                address=session.account.address,
                intel=prepared.settings.level,
                overridden=sorted(prepared.settings.overridden),
                resumed=prepared.resumed,
            )
        )

    def block(self, report: BlockReport) -> None:
        for text in json_lines.report_lines(report):
            self._write(text)

    def note(self, text: str) -> None:
        self._write(json_lines.line("status", text=text))

    def foot(self, lines: Sequence[str]) -> None:
        """Programs look into the first lines."""

    @staticmethod
    def _write(text: str) -> None:
        print(text, flush=True)


def describe(prepared: Prepared) -> str:
    session, chosen = prepared.session, prepared.settings
    named = f" {session.name!r}" if session.name else ""
    overridden = f", overridden by you: {', '.join(sorted(chosen.overridden))}" if chosen.overridden else ""
    resumed = "  (taken up again)" if prepared.resumed else ""
    return f"session {session.pk}{named}  level {chosen.level}{overridden}{resumed}  account {session.account.name}"
