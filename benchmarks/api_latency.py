"""How long the API takes to answer beside an empty view, with 20 requests in flight.

    python -m benchmarks.api_latency [--rows 50000] [--requests 600] [--only PART ...]

The web process is daphne as ``make web`` starts it, on PostgreSQL, with ``--rows`` trades, decisions and receipts of
one user. Every GET of the schema that waits for nobody else (``quote/`` asks a node), and ``/healthz/``, is asked in
turn with the empty view, which has the same authentication and is served by the same process: after a warm-up, in
short rounds, one of each, so that what else the machine does meets both. ``x p50`` and ``x p95`` are percentiles of
all rounds through those of the empty view; ``round`` is the median of the rounds' own p95 ratios, which one bad round
does not move. TEST_POSTGRES_URL names the server. Milliseconds by the wall clock of the client, which shares the
machine; prints a table and one line of JSON.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg

from benchmarks.support.beside_empty import measure
from benchmarks.support.http_load import Load

SERVER_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
HOST = "127.0.0.1"
WAIT_FOR_A_NODE = {"/paper-trading/api/quote/", "/api/wallets/{id}/balances/"}
TOKEN: dict[str, list[str]] = {"ApiToken": []}
TARGET = 2.0
START_SECONDS = 60
NOT_IN_THE_SCHEMA = ["/healthz/"]


@contextmanager
def database() -> Iterator[str]:
    """The URL of a database of its own, dropped at the end."""
    name = f"api_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(SERVER_URL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield SERVER_URL.rsplit("/", 1)[0] + "/" + name
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def prepare(rows: int) -> str:
    """Fills the database; the secret of a token that may read it."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from benchmarks.support.api_rows import fill
    from wallet.services.api_tokens import create_token
    from wallet.services.owner import local_owner

    user = local_owner()
    fill(user, rows)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    return create_token(user=user, name="benchmark", scopes=["read"]).secret


@contextmanager
def web(environment: Mapping[str, str]) -> Iterator[int]:
    """The port of a running web process."""
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "daphne", "-b", HOST, "-p", str(port), "-v", "0", "dexproject.asgi:application"]
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://{HOST}:{port}/healthz/", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process did not start")


def paths(port: int) -> list[str]:
    """Every GET with something that is there for each of its parameters."""
    from paper_trading import models

    kinds = {
        "sessions": models.BotSession,
        "accounts": models.PaperAccount,
        "trades": models.PaperTrade,
        "positions": models.Position,
        "decisions": models.Decision,
        "commands": models.SessionCommand,
    }
    with urlopen(f"http://{HOST}:{port}/api/schema/") as answer:
        schema = json.load(answer)
    found = list(NOT_IN_THE_SCHEMA)
    for path, operations in schema["paths"].items():
        if "get" not in operations or path in WAIT_FOR_A_NODE or TOKEN not in operations["get"]["security"]:
            continue
        for kind, model in kinds.items():
            if f"/{kind}/{{id}}/" in path:
                path = path.replace("{id}", str(model._default_manager.latest("pk").pk))
        found.append(path + _query(operations["get"]))
    return found


def _query(operation: Mapping[str, Any]) -> str:
    from paper_trading.models import BotSession

    known = {"token": "WETH", "session": str(BotSession.objects.latest("pk").pk), "chain": "devnet"}
    required = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    return f"?{'&'.join(f'{name}={known[name]}' for name in required)}" if required else ""


async def _measured(port: int, asked: Sequence[str], *, secret: str, workers: int, count: int) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {secret}"}
    async with Load.to(HOST, port, headers=headers, workers=workers) as load:
        return [{"path": path, **(await measure(load, path, workers=workers, count=count)).report()} for path in asked]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the API beside an empty view.")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--requests", type=int, default=600, help="of each endpoint")
    parser.add_argument("--workers", type=int, default=20, help="requests in flight")
    parser.add_argument("--only", nargs="+", default=[], help="parts of the paths to measure")
    options = parser.parse_args()
    if options.rows < 1_000 or options.requests < 2 * options.workers:
        parser.error("--rows is at least 1000, and --requests twice --workers")
    with database() as url, tempfile.TemporaryDirectory(prefix="api-") as folder:
        environment = {
            "DATABASE_URL": url,
            "DEXPROJECT_VAR": str(Path(folder)),
            "DJANGO_SETTINGS_MODULE": "benchmarks.support.api_settings",
            "REDIS_URL": "",
        }
        os.environ.update(environment)
        secret = prepare(options.rows)
        with web(environment) as port:
            asked = [one for one in paths(port) if not options.only or any(part in one for part in options.only)]
            rows = asyncio.run(_measured(port, asked, secret=secret, workers=options.workers, count=options.requests))
        _close()
    print(f"{'GET':<64}{'p50':>8}{'p95':>8}{'x p50':>8}{'x p95':>8}{'round':>8}")
    for row in sorted(rows, key=lambda row: -row["p95_ratio"]):
        numbers = (row[name] for name in ("p50_ms", "p95_ms", "p50_ratio", "p95_ratio", "round_p95_ratio"))
        print(f"{row['path']:<64}" + "".join(f"{number:>8}" for number in numbers))
    worst = max(row["p95_ratio"] for row in rows)
    print(json.dumps({"benchmark": "api_latency", "worst_p95_ratio": worst, "target": TARGET, "rows": rows}))
    return 0


def _close() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
