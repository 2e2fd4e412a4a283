"""``run_paper_bot --background``: hands the session to a worker and says how to go on from there."""

import asyncio
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from chain.client import ChainClient, quantity
from paper_trading.bot.launch import DEFAULT_LEVEL, MOST_NAME, LaunchError, overrides_of
from paper_trading.services.control import Started, start_session
from paper_trading.services.hosts import living_hosts
from paper_trading.services.runtime import runtime_seconds
from paper_trading.services.start_request import start_request
from paper_trading.terminal import json_lines
from paper_trading.terminal.words import plain
from wallet.services.owner import get_user, local_owner

FOREGROUND_ONLY = {
    "recording": (None, "a recording is played in the foreground"),
    "blocks_per_second": (None, "a recording is played in the foreground"),
    "reset": (False, "an account is reset in the foreground, or by the API"),
    "dashboard": (False, "`make web` serves it"),
    "seed": (7, "the session host starts the local chain"),
    "block_time": (1.0, "the session host starts the local chain"),
}
NO_HOST = (
    "no session host is alive: the session waits until a worker is started "
    "(celery -A dexproject worker -Q paper_trading,risk.normal,execution.critical --loglevel=info)"
)


def start_in_background(options: dict[str, Any]) -> None:
    """``options`` are the command's. Raises ``DexError`` with one line: what is missing, or what does not fit."""
    for name, (usual, why) in FOREGROUND_ONLY.items():
        if options[name] != usual:
            raise LaunchError(f"--{name.replace('_', '-')} does not go with --background: {why}")
    if len(options["session_name"]) > MOST_NAME:
        raise LaunchError(f"--session-name has at most {MOST_NAME} characters, not {len(options['session_name'])}")
    started = start_session(
        start_request(
            user=_user(options["user"]),
            chain=options["chain"] or _chain_of_node(),
            account=options["account"],
            intel=DEFAULT_LEVEL if options["intel"] is None else options["intel"],
            name=options["session_name"],
            overrides=overrides_of(options["set"]),
            tokens=[name for name in options["tokens"].split(",") if name],
            runtime=runtime_seconds(options["runtime_minutes"]),
            deposits=_deposits(options["deposit"]),
        )
    )
    if not started.session.is_live:
        raise LaunchError(f"session {started.session.pk} has ended: {started.session.end_reason}")
    warning = "" if living_hosts().exists() else NO_HOST
    lines = _json(started, warning) if options["json"] else _plain(started, warning)
    for line in lines:
        print(line, flush=True)


def _plain(started: Started, warning: str) -> list[str]:
    session = started.session
    named = f" {session.name!r}" if session.name else ""
    there = "is handed over" if started.created else "was there already: an account has one session at a time"
    lines = [
        f"PAPER  session {session.pk}{named} on {session.chain}, level {session.intel_level}, "
        f"account {session.account.name}, {there}",
        f"task    {session.task_id or 'none: it was started in a terminal'}",
        f"follow  .venv/bin/python manage.py follow_paper_bot {session.pk}",
        f"        GET /paper-trading/api/bot/status/?session_id={session.pk}",
        f"stop    .venv/bin/python manage.py stop_paper_bot {session.pk}",
    ]
    return [plain(line) for line in (*lines, *([f"note    {warning}"] if warning else []))]


def _json(started: Started, warning: str) -> list[str]:
    session = started.session
    return [
        json_lines.line(
            "handed_over",
            session=session.pk,
            task=session.task_id,
            status=session.status,
            created=started.created,
            chain=session.chain,
            account=session.account_id,
            intel=session.intel_level,
            warning=warning,
        )
    ]


def _user(name: str | None) -> User:
    return local_owner() if name is None else get_user(name)


def _chain_of_node() -> str:
    """The chain id that the node in RPC_URL serves; empty without one."""
    if not settings.RPC_URLS:
        return ""
    return str(asyncio.run(_chain_id()))


async def _chain_id() -> int:
    client = ChainClient(settings.RPC_URLS)
    try:
        return quantity(await client.call("eth_chainId"), "eth_chainId")
    finally:
        await client.close()


def _deposits(texts: list[str]) -> dict[str, str]:
    deposits: dict[str, str] = {}
    for text in texts:
        name, separator, amount = text.partition("=")
        if separator == "" or name in deposits:
            raise LaunchError(f"a deposit is SYMBOL=AMOUNT, each symbol once, not {text!r}")
        deposits[name] = amount
    return deposits
