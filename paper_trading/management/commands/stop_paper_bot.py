"""End a session gracefully and show what it made."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from paper_trading.management.errors import clear_errors
from paper_trading.management.sessions import SessionLines, add_session_arguments, find_session
from paper_trading.services.control import request_stop

BY_COMMAND = "stopped by the user"
POLL_SECONDS = 0.2
LONGEST = 60.0


class Command(BaseCommand):
    requires_system_checks = ()  # they load every URL and view of the web process
    help = "End a background session gracefully: open orders are settled, positions stay. Shows what it made."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_session_arguments(parser)
        parser.add_argument("--reason", default=BY_COMMAND, metavar="TEXT")
        parser.add_argument("--wait", type=float, default=LONGEST, metavar="S", help="seconds to wait for its end")

    def handle(self, *args: Any, **options: Any) -> None:
        with clear_errors():
            session = request_stop(
                session=find_session(options["session"], options["user"]), reason=options["reason"] or BY_COMMAND
            )
            until = time.monotonic() + options["wait"]
            while session.is_live and time.monotonic() < until:
                time.sleep(POLL_SECONDS)
                session.refresh_from_db()
            if session.is_live:
                raise CommandError(
                    f"session {session.pk} is asked to stop and has not ended yet ({session.status}): "
                    f"its host ends it as soon as it can"
                )
            SessionLines(session, as_json=options["json"]).outcome(session)
