"""Trade on paper, in the foreground or handed to a worker."""

import asyncio
import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand

from paper_trading.bot.launch import DEFAULT_LEVEL, MAIN_ACCOUNT, RunRequest, check
from paper_trading.management.background import start_in_background
from paper_trading.management.dashboard import add_dashboard_arguments, served
from paper_trading.management.errors import clear_errors
from paper_trading.management.foreground import run_in_foreground
from paper_trading.management.venue_options import add_venue_arguments, venue_request
from paper_trading.services.one_host import only_host

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
        add_dashboard_arguments(parser)
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
                with only_host() if venue.recording is None else nullcontext(), served(options) as dashboard:
                    run_in_foreground(request, venue, dashboard, as_json=options["json"])
        except (KeyboardInterrupt, asyncio.CancelledError):
            self.stderr.write("stopped at once: a session that was open stays open, the next start takes it up")
            sys.exit(STOPPED_AT_ONCE)
