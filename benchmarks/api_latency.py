"""How long the API takes to answer beside an empty view, with 20 requests in flight.

    python -m benchmarks.api_latency [--rows 50000] [--requests 400] [--only PART ...]

The web process is daphne as ``make web`` starts it, on PostgreSQL, with ``--rows`` trades, decisions and receipts of
one user. Every GET of the schema that waits for nobody else (``quote/`` asks a node) is asked in turn with the empty
view, which has the same authentication and is served by the same process; a ratio is the endpoint's p95 through that of
the empty view measured around it. TEST_POSTGRES_URL names the server. Milliseconds by the wall clock of the client,
which shares the machine; prints a table and one line of JSON.
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

from benchmarks.support.http_load import load

SERVER_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
HOST = "127.0.0.1"
EMPTY = "/empty/"
WAITS_FOR_A_NODE = {"/paper-trading/api/quote/"}
TARGET = 2.0
START_SECONDS = 60


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
    """Every GET of the schema with something that is there for each of its parameters."""
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
    found = []
    for path, operations in schema["paths"].items():
        if "get" not in operations or path in WAITS_FOR_A_NODE:
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


def percentile(values: Sequence[float], share: int) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(values)
    return round(ranked[max(0, -(-len(ranked) * share // 100) - 1)], 2)


def measure(port: int, path: str, *, secret: str, workers: int, count: int) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {secret}"}

    def ask(which: str, how_often: int) -> list[float]:
        return asyncio.run(load(HOST, port, which, headers=headers, workers=workers, count=how_often))

    ask(path, workers)
    before, own, after = ask(EMPTY, count // 2), ask(path, count), ask(EMPTY, count // 2)
    empty = before + after
    return {
        "path": path,
        "p50_ms": percentile(own, 50),
        "p95_ms": percentile(own, 95),
        "empty_p50_ms": percentile(empty, 50),
        "empty_p95_ms": percentile(empty, 95),
        "p50_ratio": round(percentile(own, 50) / percentile(empty, 50), 2),
        "p95_ratio": round(percentile(own, 95) / percentile(empty, 95), 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the API beside an empty view.")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--requests", type=int, default=400, help="of each endpoint")
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
            rows = [
                measure(port, path, secret=secret, workers=options.workers, count=options.requests)
                for path in paths(port)
                if not options.only or any(part in path for part in options.only)
            ]
        _close()
    print(f"{'GET':<64}{'p50':>8}{'p95':>8}{'x p50':>8}{'x p95':>8}")
    for row in sorted(rows, key=lambda row: -row["p95_ratio"]):
        print(f"{row['path']:<64}{row['p50_ms']:>8}{row['p95_ms']:>8}{row['p50_ratio']:>8}{row['p95_ratio']:>8}")
    worst = max(row["p95_ratio"] for row in rows)
    print(json.dumps({"benchmark": "api_latency", "worst_p95_ratio": worst, "target": TARGET, "rows": rows}))
    return 0


def _close() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
