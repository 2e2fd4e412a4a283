"""What session hosts survive: kill -9, SIGTERM, a Redis and a PostgreSQL that go away; and how they answer owners.

    python -m benchmarks.host_failures [--rounds N] [--sessions N] [--only NAME] [--block-time S] [--seed N]

Two hosts run the sessions on a local chain, a PostgreSQL cluster and a Redis server that all are theirs alone. Prints a
table, one line of JSON, and what must not have been; the exit code is 1 where there was something.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
from pathlib import Path

import django

from tests.support.hosts import Stack
from tests.support.private_postgres import PrivatePostgres, private_postgres
from tests.support.redis_server import RedisServer, redis_server

ORDER = ("kill", "sigterm", "postgres", "redis", "start", "stop", "runtime")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Do to session hosts what happens to them.")
    parser.add_argument("--rounds", type=int, default=20, help="of kill -9")
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--only", choices=ORDER, action="append", help="may be given several times")
    parser.add_argument("--block-time", type=float, default=1.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> int:
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing that was started is left behind
    with tempfile.TemporaryDirectory() as folder:
        var, files = Path(folder) / "var", Path(folder) / "redis"
        var.mkdir()
        files.mkdir()
        with private_postgres() as postgres, redis_server(files) as redis:
            return _run(chosen, var, postgres, redis)


def _run(chosen: argparse.Namespace, var: Path, postgres: PrivatePostgres, redis: RedisServer) -> int:
    os.environ |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "DEXPROJECT_VAR": str(var)}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dexproject.settings")
    django.setup()
    from benchmarks.support import host_failures, host_requests  # models need settings
    from tests.support import fleet

    stack = Stack(var=var, database_url=postgres.url, redis_url=redis.url, block_time=chosen.block_time)
    scene = host_failures.Scene(
        stack=stack,
        postgres=postgres,
        redis=redis,
        sessions=chosen.sessions,
        rounds=chosen.rounds,
        chance=random.Random(chosen.seed),
    )
    try:
        stack.manage("migrate", "--verbosity", 0)
        stack.start_chain()
        scene.hosts += [stack.start_host(ready=False) for _ in range(2)]
        for host in scene.hosts:
            scene.until_ready(host)
        ids = fleet.start_many(chosen.sessions)
        stack.wait(lambda: len(scene.live()) == len(ids), "some session does not run")
        scene.until_moved(scene.live())
        print(f"{len(ids)} sessions, by host: {[len(scene.held_by(host)) for host in scene.hosts]}", flush=True)
        figures = {"benchmark": "host_failures", "sessions": chosen.sessions, "seed": chosen.seed}
        for name in ORDER:
            if chosen.only is None or name in chosen.only:
                scenario = getattr(host_failures, name, None) or getattr(host_requests, name)
                figures[name] = scenario(scene)
                _show(name, figures[name])
        scene.check_books("at the end")
        figures["orders_placed"] = fleet.orders_placed()
    finally:
        stack.end_all()
    for host in [daemon for daemon in stack.daemons if daemon.log.name.startswith("host")]:
        for line in stack.defects(host):
            scene.require(False, f"{host.log.name}: {line}")
    print(json.dumps({**figures, "faults": scene.faults}))
    return 1 if scene.faults else 0


def _show(name: str, figures: dict[str, object]) -> None:
    for key, value in figures.items():
        print(f"{name:<10}{key:<34}{value!s:>24}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
