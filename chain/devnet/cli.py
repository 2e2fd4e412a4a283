"""The devnet as a process of its own: ``python -m chain.devnet``. Speaks JSON lines on standard output.

``{"progress": ...}`` while it starts, ``{"url": ..., "head": ...}`` once it is ready, ``{"error": ..., "kind": ...}``
before it fails with exit code 1.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from chain.devnet.devnet import Devnet
from chain.devnet.errors import DevnetCrashed
from dex.errors import DexError

_LAST_GRACE_SECONDS = 1.5


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if options.parent_pipe:
        threading.Thread(target=_end_with_parent, args=(stop,), daemon=True).start()
    devnet = Devnet(
        options.directory,
        seed=options.seed,
        block_time=options.block_time,
        port=options.port,
        fresh=options.fresh,
        actors=not options.no_actors,
        warm_up=options.warm_up,
    )
    try:
        devnet.start(lambda text: _say({"progress": text}))
        if stop.is_set():
            return 0
        _say({"url": devnet.url, "head": devnet.head.number})
        if options.no_actors:
            stop.wait()
        else:
            devnet.run(stop)
    except DexError as error:
        _say({"error": str(error), "kind": type(error).__name__})
        return 1
    except OSError as error:
        _say({"error": f"the local chain cannot be kept: {error}", "kind": DevnetCrashed.__name__})
        return 1
    finally:
        devnet.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chain.devnet", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--block-time", type=float, default=1.0, help="seconds")
    parser.add_argument("--port", type=int)
    parser.add_argument("--fresh", action="store_true", help="put the present chain aside and begin a new one")
    parser.add_argument("--warm-up", type=int, default=0, help="blocks that a new chain gets as its past")
    parser.add_argument("--no-actors", action="store_true", help="play the journal and stand still")
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input is closed")
    return parser


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _end_with_parent(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()
    # Still deploying or playing the journal: ending at once is safe, since the journal survives worse.
    threading.Event().wait(_LAST_GRACE_SECONDS)
    os._exit(0)
