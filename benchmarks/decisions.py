"""What it costs to decide for many sessions at once: one market, sessions of all levels, five tokens each.

    python -m benchmarks.decisions [--sessions 1 10 100 500] [--blocks 150]

A local chain is stepped once and its blocks are played to a market desk for each number of sessions. The accounts are
kept in memory: an order fills in the next block at what the pools give, so that sessions hold and trade as they would.
Timed are ``desk.apply`` and ``Decider.decide``; nothing is written. Prints milliseconds of one core, a table and one
line of JSON; ``orders`` and their digest say that a change of the code decides the same.
"""

import argparse
import asyncio
import gc
import hashlib
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.support.decision_accounts import Session
    from chain.networks import Network
    from chain.source import MarketStart
    from dex.market.events import BlockUpdate
    from paper_trading.bot.desk import MarketDesk

WARM_BLOCKS = 64
"""Played before the first decision, so that every signal has something to read."""

DEPOSITS = (1_000, 50_000)
"""Dollars that an account starts with, drawn evenly: no two are alike, as after a day of trading."""


@dataclass(slots=True)
class Played:
    """Seconds of every block: for the desk, and for all decisions together."""

    applied: list[float] = field(default_factory=list)
    decided: list[float] = field(default_factory=list)
    orders: int = 0
    digest: str = ""


async def recorded(blocks: int) -> "tuple[Network, MarketStart, list[BlockUpdate]]":
    """A devnet's start and its next ``blocks`` blocks, as a node tells them."""
    from django.conf import settings

    from chain.client import ChainClient
    from chain.devnet.devnet import Devnet
    from chain.networks import load_networks
    from chain.node_source import NodeSource

    with tempfile.TemporaryDirectory() as folder, Devnet(Path(folder)) as devnet:
        first = devnet.head.number
        devnet.step(blocks)
        network = load_networks(settings.NETWORKS_DIR)["devnet"]
        source = NodeSource(ChainClient([devnet.url]), network)
        try:
            start, updates = await source.start(first), []
            async for update in source.updates():
                updates.append(update)
                if update.block.number == first + blocks:
                    break
        finally:
            await source.close()
    return network, start, updates


def play(network: "Network", start: "MarketStart", updates: "Sequence[BlockUpdate]", count: int) -> Played:
    """``count`` sessions decide on every block after the first ``WARM_BLOCKS``."""
    from benchmarks.support.decision_accounts import market_desk, open_sessions

    desk = market_desk(network, start)
    for update in updates[:WARM_BLOCKS]:
        desk.apply(update)
    chance = random.Random(1)
    sessions = open_sessions(network, desk, [chance.randint(*DEPOSITS) for _ in range(count)])
    played, digest = Played(), hashlib.sha256()
    gc.collect()
    for update in updates[WARM_BLOCKS:]:
        started = time.thread_time()
        desk.apply(update)
        played.applied.append(time.thread_time() - started)
        for session in sessions:
            session.settle(desk)
        played.decided.append(decide(sessions, desk))
        for number, session in enumerate(sessions):
            for order in session.take():
                played.orders += 1
                digest.update(f"{number} {order!r}".encode())
    played.digest = digest.hexdigest()[:16]
    return played


def decide(sessions: "Sequence[Session]", desk: "MarketDesk") -> float:
    started = time.thread_time()
    for session in sessions:
        session.decided = session.decider.decide(
            session.book, desk.head, start_equity=session.start_equity, trusted=True
        )
    return time.thread_time() - started


def percentile(values: Sequence[float], percent: int) -> float:
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def main() -> int:
    parser = argparse.ArgumentParser(description="Decide for many sessions on one market and measure it.")
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 10, 100, 500])
    parser.add_argument("--blocks", type=int, default=150)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")
    import django

    django.setup()
    network, start, updates = asyncio.run(recorded(WARM_BLOCKS + options.blocks))
    runs = {count: play(network, start, updates, count) for count in options.sessions}
    each = {count: 1000 * statistics.fmean(run.decided) / count for count, run in runs.items()}
    first = next(iter(each.values()))
    names = (("sessions", 8), ("ms a session", 14), ("to the first", 14), ("block p50", 11), ("block p99", 11))
    print("".join(f"{name:>{width}}" for name, width in (*names, ("apply", 8), ("orders", 8))))
    for count, run in runs.items():
        print(
            f"{count:>8}{each[count]:>14.3f}{each[count] / first:>14.2f}{1000 * percentile(run.decided, 50):>11.1f}"
            f"{1000 * percentile(run.decided, 99):>11.1f}{1000 * statistics.fmean(run.applied):>8.2f}{run.orders:>8}"
        )
    figures = {
        "benchmark": "decisions",
        "blocks": options.blocks,
        "ms_per_session": {str(count): round(value, 4) for count, value in each.items()},
        "block_ms_p50": {str(count): round(1000 * percentile(run.decided, 50), 2) for count, run in runs.items()},
        "block_ms_p99": {str(count): round(1000 * percentile(run.decided, 99), 2) for count, run in runs.items()},
        "apply_ms": {str(count): round(1000 * statistics.fmean(run.applied), 3) for count, run in runs.items()},
        "orders": {str(count): run.orders for count, run in runs.items()},
        "digests": {str(count): run.digest for count, run in runs.items()},
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
