"""A foreground run as its user wants to see it, with or without a dashboard beside it."""

import asyncio
import sys

from asgiref.sync import sync_to_async
from rich.console import Console

from paper_trading.bot.launch import RunRequest
from paper_trading.bot.run import Outcome, RunView, run, until_signal
from paper_trading.bot.together import Stays, run_together
from paper_trading.bot.venue import VenueRequest
from paper_trading.management.dashboard import Dashboard, Foot, open_foot, with_foot
from paper_trading.management.run_views import JsonView, LiveView, PlainView
from paper_trading.models import STOPPED_AT_TERMINAL
from paper_trading.selectors.summary import summarise
from paper_trading.terminal import json_lines
from paper_trading.terminal.summary import RunEnd


def run_in_foreground(request: RunRequest, venue: VenueRequest, dashboard: Dashboard | None, *, as_json: bool) -> None:
    """On a terminal the dashboard stays when the session has ended by itself, up to a signal. Elsewhere nobody is there
    to give one, and a program that waits for the session's end gets it."""
    if as_json:
        _run_json(request, venue, dashboard)
        return
    # The link is a secret: it is for people who look, not for programs that keep what they read.
    foot = open_foot(dashboard, invites=request.username is None)
    if sys.stdout.isatty():
        _run_screen(request, venue, dashboard, foot)
    else:
        _run_plain(request, venue, dashboard, foot)


def _run_screen(request: RunRequest, venue: VenueRequest, dashboard: Dashboard | None, foot: Foot) -> None:
    console = Console()
    with LiveView(console, foot.first) as view:

        async def stays(outcome: Outcome) -> bool:
            if dashboard is None or not dashboard.serves:
                return False
            end = await sync_to_async(_end)(outcome)
            view.close()
            _print_end(console, end)
            _print(console, f"The dashboard stays at {dashboard.address}, with what it starts, until Ctrl-C.")
            return True

        outcome = asyncio.run(with_foot(_run(request, venue, view, dashboard, stays), view, foot, dashboard))
        if view.is_open:
            view.close()
            _print_end(console, _end(outcome))
    _print_others(console, outcome)


def _run_plain(request: RunRequest, venue: VenueRequest, dashboard: Dashboard | None, foot: Foot) -> None:
    console = Console(soft_wrap=True)
    for line in (" ".join(foot.invitation), *foot.lines):
        if line:
            _print(console, line)
    view = PlainView(console)
    outcome = asyncio.run(with_foot(_run(request, venue, view, dashboard, _leaves), view, foot, dashboard))
    _print_end(console, _end(outcome))
    _print_others(console, outcome)


def _run_json(request: RunRequest, venue: VenueRequest, dashboard: Dashboard | None) -> None:
    if dashboard is not None and dashboard.serves:
        print(json_lines.line("dashboard", url=dashboard.address), flush=True)
    view, foot = JsonView(), Foot(invitation=(), lines=())
    outcome = asyncio.run(with_foot(_run(request, venue, view, dashboard, _leaves), view, foot, dashboard))
    print(json_lines.line("summary", **_end(outcome).values()), flush=True)


async def _run(
    request: RunRequest, venue: VenueRequest, view: RunView, dashboard: Dashboard | None, stays: Stays
) -> Outcome:
    """A recording has no sessions but its own."""
    if dashboard is not None and venue.recording is None:
        return await run_together(request, venue, view, stays=stays)
    outcome = await run(request, venue, view)
    if outcome.session.end_reason != STOPPED_AT_TERMINAL and await stays(outcome):
        await until_signal()
    return outcome


async def _leaves(_: Outcome) -> bool:
    return False


def _print_end(console: Console, end: RunEnd) -> None:
    console.print(end.rich())
    for step in end.next_steps():
        _print(console, step)


def _print_others(console: Console, outcome: Outcome) -> None:
    if outcome.others > 0:
        _print(console, f"Sessions that ran beside: {outcome.others}. The next start goes on with them.")


def _print(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def _end(outcome: Outcome) -> RunEnd:
    scope = outcome.venue.scope
    return RunEnd(
        session=outcome.session,
        summary=summarise(outcome.session),
        quote=scope.quote,
        native_symbol=scope.network.native_symbol,
        equity=outcome.equity,
        holding=outcome.holding,
    )
