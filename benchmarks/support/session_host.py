"""A background host as a worker runs it, in a process of its own, that writes down what it measures.

    python -m benchmarks.support.session_host FILE

One line of JSON a block: ``at`` (unix seconds), ``block``, ``ticks_ms``, ``memory_mb`` (resident) and ``cpu_seconds``
(of this process since its start). SIGTERM ends it as it ends a worker's.
"""

import asyncio
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paper_trading.bot.host import SessionHost


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


async def run(file: Path) -> None:
    from django.conf import settings

    from paper_trading.bot.background import run_background
    from paper_trading.bot.venue import VenueRequest

    def on_ready(host: "SessionHost") -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, host.leave)

    request = VenueRequest(networks_dir=settings.NETWORKS_DIR, rpc_urls=[], devnet_dir=settings.VAR_DIR / "devnet")
    with file.open("w", buffering=1) as lines:

        def measure(block: Any, ticks_ms: Sequence[float]) -> None:
            line = {
                "at": time.time(),
                "block": block.number,
                "ticks_ms": [round(tick, 3) for tick in ticks_ms],
                "memory_mb": resident_mb(),
                "cpu_seconds": time.process_time(),
            }
            lines.write(json.dumps(line) + "\n")

        await run_background(request, on_ready=on_ready, measure=measure)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")
    import django

    django.setup()
    asyncio.run(run(Path(sys.argv[1])))
