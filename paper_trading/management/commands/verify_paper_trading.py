"""Check everything that paper results rest on."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chain.node_source import NodeSource
from paper_trading.bot.venue import open_venue
from paper_trading.management.errors import clear_errors
from paper_trading.management.venue_options import add_venue_arguments, venue_request
from paper_trading.services.checks import Check, database_checks, ledger_checks, node_checks, receipt_check

MARKS = {True: Text("ok", style="green"), False: Text("FAILED", style="bold red"), None: Text("-", style="dim")}


class Command(BaseCommand):
    help = "Check database, books and receipts, and with --check-all the node, contracts, pools and trades too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check-all", action="store_true", help="also what needs the chain")
        add_venue_arguments(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        with clear_errors():
            checks = asyncio.run(self._run(options))
        failed = sum(check.ok is False for check in checks)
        if failed > 0:
            raise CommandError(f"{failed} of {len(checks)} checks failed")

    async def _run(self, options: dict[str, Any]) -> list[Check]:
        checks = []
        async for check in self._checks(options):
            checks.append(check)
            if options["json"]:
                self.stdout.write(json.dumps({"check": check.name, "ok": check.ok, "detail": check.detail}))
        if not options["json"]:
            _show(checks)
        return checks

    async def _checks(self, options: dict[str, Any]) -> AsyncIterator[Check]:
        database = await sync_to_async(database_checks)()
        for check in database:
            yield check
        if not all(check.ok for check in database):
            return
        for check in await sync_to_async(ledger_checks)():
            yield check
        if not options["check_all"]:
            return
        async with open_venue(venue_request(options, devnet_actors=False), self.stderr.write) as venue:
            if isinstance(venue.source, NodeSource):
                async for check in node_checks(venue.source):
                    yield check
            yield await receipt_check(venue.scope.chain_key, venue.reader)


def _show(checks: list[Check]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("check", "", "what was found"):
        table.add_column(title, header_style="dim")
    for check in checks:
        table.add_row(check.name, MARKS[check.ok], Text(check.detail))
    Console().print(table)
