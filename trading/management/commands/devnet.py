"""``manage.py devnet``: the local chain with its living market, in the foreground."""

import json
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.status import Status

from chain.devnet.anvil import EVERYWHERE, LOOPBACK
from chain.devnet.devnet import Devnet
from chain.devnet.miner import MinedBlock
from dex.errors import DexError

_LEAST_BLOCK_SECONDS = 0.1
_WARM_UP = 120


class Command(BaseCommand):
    help = "Runs the local chain: the official Uniswap contracts and a market that lives. Ctrl-C ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same market")
        parser.add_argument("--block-time", type=float, default=1.0, help="seconds from block to block")
        parser.add_argument("--port", type=int, default=8545)
        parser.add_argument(
            "--host",
            choices=(LOOPBACK, EVERYWHERE),
            default=LOOPBACK,
            help="the address to listen on; whoever reaches it can do anything with this chain, so the default is this "
            "machine alone",
        )
        parser.add_argument("--directory", type=Path, default=settings.VAR_DIR / "devnet")
        parser.add_argument("--fresh", action="store_true", help="put the present chain aside and begin a new one")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *_: object, **options: Any) -> None:
        if options["block_time"] < _LEAST_BLOCK_SECONDS:
            raise CommandError(f"--block-time must be at least {_LEAST_BLOCK_SECONDS} seconds")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        devnet = Devnet(
            options["directory"],
            seed=options["seed"],
            block_time=options["block_time"],
            port=options["port"],
            host=options["host"],
            fresh=options["fresh"],
            warm_up=_WARM_UP,
        )
        try:
            self._run_json(devnet, stop) if options["json"] else self._run_shown(devnet, stop)
        except DexError as error:
            raise CommandError(str(error)) from error
        finally:
            devnet.stop()

    def _run_json(self, devnet: Devnet, stop: threading.Event) -> None:
        def say(line: Mapping[str, object]) -> None:
            self.stdout.write(json.dumps(line))
            self.stdout.flush()

        devnet.start(lambda text: say({"progress": text}))
        say({"url": devnet.url, "head": devnet.head.number})
        devnet.run(stop, lambda block: say({**_facts(block), "prices": dict(devnet.driver.prices())}))

    def _run_shown(self, devnet: Devnet, stop: threading.Event) -> None:
        console = Console()
        with console.status("starting the local chain") as status:
            devnet.start(lambda text: console.print(f"[dim]{text}"))
            console.print(f"[bold]{devnet.url}[/] seed {devnet.seed}, block {devnet.head.number}. Ctrl-C ends it.")
            devnet.run(stop, _shower(devnet, status))
        console.print(f"Ended at block {devnet.head.number}. The same command goes on from there.")


def _shower(devnet: Devnet, status: Status) -> Callable[[MinedBlock], None]:
    def show(block: MinedBlock) -> None:
        prices = "  ".join(
            f"{symbol} {price:,.4g}" if price < 1_000 else f"{symbol} {price:,.0f}"
            for symbol, price in devnet.driver.prices().items()
            if symbol != "USDC"
        )
        status.update(
            f"block {block.number}  {len(block.tx_hashes)} txs  base fee {block.base_fee / 1e9:.2f} gwei  {prices}"
        )

    return show


def _facts(block: MinedBlock) -> dict[str, object]:
    return {
        "block": block.number,
        "hash": block.hash,
        "timestamp": block.timestamp,
        "base_fee": block.base_fee,
        "gas_used": block.gas_used,
        "txs": len(block.tx_hashes),
    }
