"""Compute trades again from the chain and compare them with their receipts."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandError

from paper_trading.bot.venue import open_venue
from paper_trading.management.errors import clear_errors
from paper_trading.management.venue_options import add_venue_arguments, venue_request
from paper_trading.services.verify import Verdict
from paper_trading.services.verify_all import other_chains, verify_all
from paper_trading.terminal.words import plain

MOST_ID = 2**63 - 1
WORDS = {True: "checks out", False: "DOES NOT MATCH", None: "cannot be checked here"}


class Command(BaseCommand):
    help = "Compute one trade, or all, again from the chain: exit code 0 when every receipt checks out, 1 otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("trade", type=int, nargs="?", metavar="ID")
        which.add_argument("--all", action="store_true", help="every trade on this chain")
        add_venue_arguments(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        trade = options["trade"]
        if trade is not None and not 0 < trade <= MOST_ID:
            raise CommandError("there is no such trade: an ID is a whole number from 1 to 2^63 - 1")
        with clear_errors():
            checked, failed = asyncio.run(self._verify(options))
        if failed > 0:
            raise CommandError(f"{failed} of {checked} receipts do not check out")

    async def _verify(self, options: dict[str, Any]) -> tuple[int, int]:
        checked = failed = 0
        async with open_venue(venue_request(options, devnet_actors=False), self._progress) as venue:
            key = venue.scope.chain_key
            async for verdict in verify_all(key, venue.reader, trade_id=options["trade"]):
                checked += 1
                failed += verdict.ok is not True
                self._show(verdict, as_json=options["json"])
            elsewhere = await sync_to_async(other_chains)(key) if options["all"] else {}
            here = venue.name
        if checked == 0 and elsewhere:
            raise CommandError(plain(_nothing_here(elsewhere, here)))
        self._close(checked, failed, elsewhere, as_json=options["json"])
        return checked, failed

    def _show(self, verdict: Verdict, *, as_json: bool) -> None:
        receipt = verdict.receipt
        if as_json:
            values = {
                "trade": receipt.trade_id,
                "receipt": receipt.hash,
                "block": receipt.block_number,
                "ok": verdict.ok,
                "witness": verdict.witness,
                "status": receipt.status,
                "problems": list(verdict.problems),
            }
            self.stdout.write(json.dumps(values))
            return
        self.stdout.write(
            f"trade {receipt.trade_id:>5}  block {receipt.block_number}  {receipt.status:<8}  "
            f"{verdict.witness or '-':<10}  {WORDS[verdict.ok]}"
        )
        for problem in verdict.problems:
            self.stdout.write(f"    {problem}")

    def _close(self, checked: int, failed: int, elsewhere: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"checked": checked, "failed": failed, "elsewhere": elsewhere}))
            return
        if checked == 0:
            self.stdout.write("no trades yet")
            return
        self.stdout.write(f"{checked - failed} of {checked} receipts check out")
        for name, count in elsewhere.items():
            self.stdout.write(f"{count} more lie on {name}, or on an earlier instance of this chain: not asked here")

    def _progress(self, text: str) -> None:
        self.stderr.write(text)


def _nothing_here(elsewhere: Mapping[str, int], here: str) -> str:
    places = [
        f"{count} {'receipt lies' if count == 1 else 'receipts lie'} on "
        f"{f'an earlier instance of {name}' if name == here else name}"
        for name, count in elsewhere.items()
    ]
    return f"nothing to check on this chain: {', '.join(places)}"
