"""Watch a background session: its state, its trades, its end. Ctrl-C leaves it running."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from paper_trading.management.errors import clear_errors
from paper_trading.management.sessions import SessionLines, add_session_arguments, find_session
from paper_trading.models import BotSession, PaperTrade, TradeStatus

POLL_SECONDS = 1.0
STATE_SECONDS = 10.0


class Command(BaseCommand):
    requires_system_checks = ()  # they load every URL and view of the web process
    help = "Watch a background session until it ends. Ctrl-C leaves it running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_session_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with clear_errors():
                session = find_session(options["session"], options["user"])
                follow(session, SessionLines(session, as_json=options["json"]))
        except KeyboardInterrupt:
            self.stderr.write(f"session {options['session']} goes on")


def follow(session: BotSession, lines: SessionLines) -> None:
    """Prints the state at once, whenever its status changes, and every ten seconds; trades as they are done."""
    shown_status, shown_at, told = "", 0.0, _done(session)
    while session.is_live:
        if session.status != shown_status or time.monotonic() - shown_at >= STATE_SECONDS:
            shown_status, shown_at = session.status, time.monotonic()
            print(lines.state(session), flush=True)
        time.sleep(POLL_SECONDS)
        done = _done(session)
        for trade in PaperTrade.objects.filter(pk__in=done - told).order_by("pk"):
            print(lines.trade(trade), flush=True)
        told = done
        session.refresh_from_db()
    print(lines.state(session), flush=True)
    lines.outcome(session)


def _done(session: BotSession) -> set[int]:
    waiting = (TradeStatus.PENDING, TradeStatus.UNBOOKED)
    return set(PaperTrade.objects.filter(session=session).exclude(status__in=waiting).values_list("pk", flat=True))
