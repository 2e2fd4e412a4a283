"""Fifty browsers answer one login message at the same moment, over two web processes; exactly one may get in.

    python -m benchmarks.login_race [--rivals 50] [--rounds 5]

Two daphne processes as ``make web`` starts them share one database, first an SQLite file and then PostgreSQL
(TEST_POSTGRES_URL names the server). In each round all connections are open, and all requests sent but for their last
byte, before any is finished; half of them go to each process. ``in`` is how many were logged in, ``logins`` what the
database says afterwards. Then a message of one megabyte is sent 20 times, one after the other: how long until it is
refused. Milliseconds by the wall clock of the client, which shares the machine; prints a table and one line of JSON,
and exits with 1 where another number than one got in.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct

from benchmarks.api_latency import HOST, database, web

KEY = "0x" + "a1" * 32
ORIGIN = "http://127.0.0.1:8000"
CSRF = "c" * 32
ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1_000_000
REFUSALS = 20
TARGET_MS = 50
UNLIMITED = ("API_REQUESTS_PER_CLIENT", "LOGIN_REQUESTS_PER_CLIENT", "LOGIN_REQUESTS_PER_ADDRESS")

Answer = tuple[int, dict[str, str], bytes]


def request(path: str, body: Mapping[str, Any], *, port: int, binding: str = "") -> bytes:
    content = json.dumps(body).encode()
    head = [
        f"POST {path} HTTP/1.0",  # so that no answer comes in chunks
        f"Host: {HOST}:{port}",
        f"Origin: {ORIGIN}",
        f"Cookie: dex_csrf={CSRF}; dex_login={binding}",
        f"X-CSRFToken: {CSRF}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


async def answer_of(reader: asyncio.StreamReader) -> Answer:
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {"set-cookie": ""}
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name.lower()] = f"{headers.get(name.lower(), '')} {value}"
    return int(first.split(" ")[1]), headers, body


async def ask(port: int, content: bytes) -> Answer:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(content)
        return await answer_of(reader)
    finally:
        writer.close()


async def race(ports: Sequence[int], rivals: int) -> Counter[str]:
    """How the rivals were answered, by status and code."""
    asked = {"address": Account.from_key(KEY).address, "chain_id": 1}
    status, headers, body = await ask(ports[0], request("/api/auth/challenge/", asked, port=ports[0]))
    if status != 201:
        raise SystemExit(f"no message: {status} {body[:300]!r}")
    message = json.loads(body)["message"]
    binding = headers["set-cookie"].split("dex_login=")[1].split(";")[0]
    signature = Account.sign_message(encode_defunct(text=message), KEY).signature.hex().removeprefix("0x")
    proof = {"message": message, "signature": f"0x{signature}"}
    where = [ports[number % len(ports)] for number in range(rivals)]
    contents = [request("/api/auth/verify/", proof, port=port, binding=binding) for port in where]
    connections = [await asyncio.open_connection(HOST, port) for port in where]
    for (_, writer), content in zip(connections, contents, strict=True):
        writer.write(content[:-1])
        await writer.drain()
    await asyncio.sleep(0.3)
    for (_, writer), content in zip(connections, contents, strict=True):
        writer.write(content[-1:])
    answers = await asyncio.gather(*(answer_of(reader) for reader, _ in connections))
    for _, writer in connections:
        writer.close()
    return Counter("in" if status == 200 else f"{status} {_code(body)}" for status, _, body in answers)


async def refusals(port: int) -> list[float]:
    """Milliseconds until a megabyte was refused."""
    content = request("/api/auth/verify/", {"message": "x" * MEGABYTE, "signature": "0x"}, port=port)
    taken = []
    for _ in range(REFUSALS):
        started = time.perf_counter()
        status, _, body = await ask(port, content)
        taken.append(1000 * (time.perf_counter() - started))
        if status != 413:
            raise SystemExit(f"a megabyte was answered with {status} {body[:300]!r}")
    return taken


def measure(name: str, url: str, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="login-") as folder, ExitStack() as running:
        environment = {
            "DATABASE_URL": url or f"sqlite:///{folder}/db.sqlite3",
            "DEXPROJECT_VAR": folder,
            "PUBLIC_URL": ORIGIN,
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "dexproject.settings",
            **dict.fromkeys(UNLIMITED, "0"),
        }
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "wallet_allow", Account.from_key(KEY).address)
        ports = [running.enter_context(web(environment)) for _ in range(2)]
        rounds = [asyncio.run(race(ports, options.rivals)) for _ in range(options.rounds)]
        taken = sorted(asyncio.run(refusals(ports[0])))
        told = manage(environment, "shell", "-c", "from wallet.models import *; print(LoginSession.objects.count())")
    return {
        "database": name,
        "in": [one["in"] for one in rounds],
        "logins": int(told.split()[-1]),
        "answers": dict(sum(rounds, Counter[str]())),
        "refused_p50_ms": round(median(taken), 1),
        "refused_worst_ms": round(taken[-1], 1),
    }


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]}: {done.stderr}")
    return done.stdout


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    with database() as url:
        yield {"sqlite": "", "postgres": url}


def _code(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "unreadable"


def main() -> int:
    parser = argparse.ArgumentParser(description="Race for one login.")
    parser.add_argument("--rivals", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with databases() as found:
        rows = [measure(name, url, options) for name, url in found.items()]
    print(f"{'database':<10}{'rounds':>8}{'in':>16}{'logins':>8}{'1 MB p50':>10}{'worst':>8}  answers")
    for row in rows:
        counts = ",".join(map(str, row["in"]))
        times = f"{row['refused_p50_ms']:>10}{row['refused_worst_ms']:>8}"
        print(f"{row['database']:<10}{len(row['in']):>8}{counts:>16}{row['logins']:>8}{times}  {row['answers']}")
    once = all(row["in"] == [1] * options.rounds and row["logins"] == options.rounds for row in rows)
    print(json.dumps({"benchmark": "login_race", "exactly_one": once, "target_ms": TARGET_MS, "rows": rows}))
    return 0 if once else 1


if __name__ == "__main__":
    sys.exit(main())
