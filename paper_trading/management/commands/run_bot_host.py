"""A session host: what a worker runs beside its tasks."""

import asyncio
import os
import signal
import sys
import threading
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand

from paper_trading.bot.background import run_background
from paper_trading.bot.host import SessionHost
from paper_trading.management.errors import clear_errors
from paper_trading.management.venue_options import add_chain_arguments, venue_request
from paper_trading.services.one_host import only_host


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Run every background session of one chain, until SIGTERM; a worker of the paper_trading queue starts it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_chain_arguments(parser)
        parser.add_argument("--parent-pipe", action="store_true", help="hand over when standard input is closed")

    def handle(self, *args: Any, **options: Any) -> None:
        with clear_errors(), only_host():
            asyncio.run(_run(options))


async def _run(options: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    hosts: list[SessionHost] = []

    def leave() -> None:
        if hosts:
            hosts[0].leave()
        elif task is not None:
            task.cancel()  # still opening its market: there is nothing to hand over

    def on_ready(host: SessionHost) -> None:
        hosts.append(host)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave)
    if options["parent_pipe"]:
        threading.Thread(target=_wait_for_parent, args=(loop, leave), daemon=True).start()
    try:
        await run_background(venue_request(options), on_ready=on_ready)
    except asyncio.CancelledError:
        return


def _wait_for_parent(loop: asyncio.AbstractEventLoop, leave: Any) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with suppress(RuntimeError):  # the loop has ended by itself already
        loop.call_soon_threadsafe(leave)
