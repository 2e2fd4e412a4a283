"""The sessions and the hosts that run them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from paper_trading.management.errors import clear_errors
from paper_trading.management.sessions import SessionLines
from paper_trading.models import LIVE_STATUSES, BotSession
from paper_trading.services.hosts import living_hosts
from paper_trading.terminal import json_lines
from paper_trading.terminal.words import plain
from wallet.services.owner import get_user

MOST = 100


class Command(BaseCommand):
    requires_system_checks = ()  # they load every URL and view of the web process
    help = f"List the living sessions, newest first, and the hosts; --all lists the newest {MOST} that ended too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="those that ended too")
        parser.add_argument("--user", metavar="NAME", help="only this user's")
        parser.add_argument("--require-host", action="store_true", help="fail where no session host is alive")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        with clear_errors():
            for line in _lines(everything=options["all"], username=options["user"], as_json=options["json"]):
                print(line, flush=True)
            if options["require_host"] and not living_hosts().exists():
                raise CommandError("no session host is alive")


def _lines(*, everything: bool, username: str | None, as_json: bool) -> list[str]:
    sessions = BotSession.objects.select_related("account", "user").order_by("-pk")
    if username is not None:
        sessions = sessions.filter(user=get_user(username))
    if not everything:
        sessions = sessions.filter(status__in=LIVE_STATUSES)
    lines = [SessionLines(session, as_json=as_json).state(session) for session in sessions[:MOST]]
    hosts = list(living_hosts().order_by("name"))
    if as_json:
        return lines + [
            json_lines.line("host", name=host.name, sessions=host.sessions, heartbeat_at=host.heartbeat_at.isoformat())
            for host in hosts
        ]
    lines = lines or ["no session" if everything else "no living session"]
    return (
        lines
        + [plain(f"host {host.name} with {host.sessions} sessions") for host in hosts]
        + ([] if hosts else ["no session host is alive"])
    )
