"""Trade on paper, in the foreground or handed to a worker."""

import asyncio
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.live import Live

from paper_trading.bot.launch import DEFAULT_LEVEL, MAIN_ACCOUNT, Prepared, RunRequest, check
from paper_trading.bot.report import BlockReport
from paper_trading.bot.run import Outcome, run
from paper_trading.bot.venue import Venue, VenueRequest
from paper_trading.management.background import start_in_background
from paper_trading.management.errors import clear_errors
from paper_trading.management.venue_options import add_venue_arguments, venue_request
from paper_trading.selectors.summary import summarise
from paper_trading.services.one_host import only_host
from paper_trading.terminal import json_lines
from paper_trading.terminal.screen import Screen
from paper_trading.terminal.summary import RunEnd
from paper_trading.terminal.words import plain, trade_line
from wallet.services.bootstrap import login_line

LEAST_SECONDS = 0.2
STOPPED_AT_ONCE = 130
"""The shell's exit code for a program that was interrupted."""


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Trade on paper: on the local chain, on the node in RPC_URL, or over a recording."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--intel", type=int, metavar="1-10", help=f"intel level (default {DEFAULT_LEVEL})")
        parser.add_argument(
            "--set", action="append", default=[], metavar="FIELD=VALUE", help="override a level's field"
        )
        parser.add_argument("--runtime-minutes", type=float, metavar="N", help="end by itself after N minutes")
        parser.add_argument("--session-name", default="", metavar="S")
        parser.add_argument("--tokens", default="", metavar="A,B", help="tokens to trade (default: all listed)")
        parser.add_argument(
            "--deposit", action="append", default=[], metavar="SYMBOL=AMOUNT", help="instead of a new account's default"
        )
        parser.add_argument("--user", metavar="NAME", help="whose account (default: the local owner)")
        parser.add_argument("--account", default=MAIN_ACCOUNT, metavar="NAME")
        parser.add_argument("--reset", action="store_true", help="start the account over; its history stays")
        parser.add_argument("--blocks-per-second", type=float, metavar="N", help="pace of a recording (default: full)")
        parser.add_argument("--background", action="store_true", help="hand the session to a worker and return")
        add_venue_arguments(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["background"]:
            with clear_errors():
                start_in_background(options)
            return
        request = RunRequest(
            intel=options["intel"],
            overrides=options["set"],
            runtime_minutes=options["runtime_minutes"],
            session_name=options["session_name"],
            username=options["user"],
            account_name=options["account"],
            reset=options["reset"],
            deposits_given=bool(options["deposit"]),
        )
        venue = venue_request(
            options,
            blocks_per_second=options["blocks_per_second"],
            tokens=tuple(name for name in options["tokens"].split(",") if name),
            deposits=options["deposit"],
        )
        try:
            with clear_errors():
                check(request)
                # A recording is played beside whatever else runs: it waits for its turn to write.
                with only_host() if venue.recording is None else nullcontext():
                    self._run(request, venue, as_json=options["json"])
        except (KeyboardInterrupt, asyncio.CancelledError):
            self.stderr.write("stopped at once: a session that was open stays open, the next start takes it up")
            sys.exit(STOPPED_AT_ONCE)

    def _run(self, request: RunRequest, venue: VenueRequest, *, as_json: bool) -> None:
        if as_json:
            self._run_json(request, venue)
            return
        # The link is a secret: it is for people who look, not for programs that keep what they read.
        invitation = None if request.username is not None else login_line()
        if sys.stdout.isatty():
            # The link has a row of its own: it must fit the narrowest terminal to be copied.
            self._run_screen(request, venue, () if invitation is None else invitation.rsplit(" ", 1))
        else:
            self._run_plain(request, venue, invitation)

    def _run_screen(self, request: RunRequest, venue: VenueRequest, invitation: Sequence[str]) -> None:
        console = Console()
        with Live(console=console, screen=True, auto_refresh=False) as live:
            outcome = asyncio.run(run(request, venue, LiveView(live, invitation)))
        _print_end(console, outcome)

    def _run_plain(self, request: RunRequest, venue: VenueRequest, invitation: str | None) -> None:
        console = Console(soft_wrap=True)
        if invitation is not None:
            console.print(invitation, markup=False, highlight=False)
        outcome = asyncio.run(run(request, venue, PlainView(console)))
        _print_end(console, outcome)

    def _run_json(self, request: RunRequest, venue: VenueRequest) -> None:
        outcome = asyncio.run(run(request, venue, JsonView()))
        print(json_lines.line("summary", **_end(outcome).values()), flush=True)


class LiveView:
    """The full screen, drawn anew for every block but no faster than anyone can read a recording."""

    def __init__(self, live: Live, invitation: Sequence[str] = ()) -> None:
        self._live = live
        self._invitation = invitation
        self._drawn_at = 0.0
        self._screen = Screen(venue="", session="", native_symbol="", live=True, total_blocks=None)

    def opened(self, venue: Venue, prepared: Prepared) -> None:
        self._screen = Screen(
            venue=venue.name,
            session=_describe(prepared),
            native_symbol=venue.scope.network.native_symbol,
            live=venue.scope.live,
            total_blocks=venue.total_blocks,
            invitation=self._invitation,
        )
        self._draw()

    def block(self, report: BlockReport) -> None:
        self._screen.take(report)
        if time.monotonic() - self._drawn_at >= LEAST_SECONDS:
            self._draw()

    def note(self, text: str) -> None:
        self._screen.note(text)
        self._draw()

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        self._live.update(self._screen, refresh=True)


class PlainView:
    """Lines for a pipe or a log: trades and notes, not every block."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._symbol = ""

    def opened(self, venue: Venue, prepared: Prepared) -> None:
        self._symbol = venue.scope.network.native_symbol
        self._console.print(f"PAPER  {venue.name}  {_describe(prepared)}", markup=False, highlight=False)

    def block(self, report: BlockReport) -> None:
        for booked in report.booked:
            self._console.print(f"PAPER  {trade_line(booked, report.quote)}", markup=False, highlight=False)
        for note in report.notes:
            self.note(note)

    def note(self, text: str) -> None:
        self._console.print(f"PAPER  {plain(text)}", markup=False, highlight=False)


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

    @staticmethod
    def _write(text: str) -> None:
        print(text, flush=True)


def _describe(prepared: Prepared) -> str:
    session, chosen = prepared.session, prepared.settings
    named = f" {session.name!r}" if session.name else ""
    overridden = f", overridden by you: {', '.join(sorted(chosen.overridden))}" if chosen.overridden else ""
    resumed = "  (taken up again)" if prepared.resumed else ""
    return f"session {session.pk}{named}  level {chosen.level}{overridden}{resumed}  account {session.account.name}"


def _print_end(console: Console, outcome: Outcome) -> None:
    end = _end(outcome)
    console.print(end.rich())
    for step in end.next_steps():
        console.print(step, soft_wrap=True, markup=False, highlight=False)


def _end(outcome: Outcome) -> RunEnd:
    scope = outcome.venue.scope
    return RunEnd(
        session=outcome.session,
        summary=summarise(outcome.session),
        quote=scope.quote,
        native_symbol=scope.network.native_symbol,
        equity=outcome.equity,
        holding=outcome.holding,
    )
