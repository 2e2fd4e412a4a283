"""``run_paper_bot --dashboard``: the web served beside the run, and what the terminal says about it."""

import asyncio
from argparse import ArgumentParser
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from asgiref.sync import sync_to_async

from paper_trading.bot.launch import LaunchError
from paper_trading.bot.outages import AWAY
from paper_trading.management.listening import PortTaken, listen, serve_at
from paper_trading.management.serving import WebThread
from wallet.services.bootstrap import login_link, somebody_can_log_in

LOOK_SECONDS = 2.0
USUAL_BIND = "127.0.0.1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """``address`` is empty where it cannot be served; ``ended`` says why, then or later."""

    address: str
    ended: "Future[None]"

    @property
    def serves(self) -> bool:
        return not self.ended.done()


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """Lines that stay in sight: ``invitation`` up to the first login, where there was none yet, then ``lines``."""

    invitation: Sequence[str]
    lines: Sequence[str]

    @property
    def first(self) -> Sequence[str]:
        return self.invitation or self.lines


class FootView(Protocol):
    def note(self, text: str) -> None: ...

    def foot(self, lines: Sequence[str]) -> None: ...


def add_dashboard_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--dashboard", action="store_true", help="serve the web pages and the API from this process")
    parser.add_argument("--port", type=int, metavar="N", help="of the dashboard (default: 8000, or the next free one)")
    parser.add_argument("--bind", metavar="ADDRESS", help=f"of the dashboard (default: {USUAL_BIND})")


@contextmanager
def served(options: dict[str, Any]) -> Iterator[Dashboard | None]:
    """None where none is asked for. Raises ``ConfigurationError`` for an address that was asked for and cannot be had.

    To be entered before the database is first asked for anything, see ``WebThread.start``.
    """
    if not options["dashboard"]:
        for name in ("port", "bind"):
            if options[name] is not None:
                raise LaunchError(f"--{name} is the dashboard's: it needs --dashboard")
        yield None
        return
    bind = options["bind"] or USUAL_BIND
    try:
        listening = listen(bind, options["port"])
    except PortTaken as error:
        if options["port"] is not None:
            raise
        ended: Future[None] = Future()
        ended.set_exception(error)
        yield Dashboard(address="", ended=ended)
        return
    web = WebThread(listening)
    address = serve_at(bind, listening.getsockname()[1])
    web.start()
    try:
        yield Dashboard(address=address, ended=web.ended)
    finally:
        web.stop()


def open_foot(dashboard: Dashboard | None, *, invites: bool) -> Foot:
    """``invites`` makes the link by which the owner's first wallet comes in: a secret, for people who look."""
    here = dashboard is not None and dashboard.serves
    link = login_link() if invites else None
    # The link has a row of its own: it must fit the narrowest terminal to be copied.
    say = "Log in with your wallet: open" if here else "Log in with your wallet: run `make web`, then open"
    return Foot(
        invitation=() if link is None else (say, link),
        lines=(f"Dashboard: {dashboard.address}",) if dashboard is not None and here else (),
    )


async def with_foot(running: Coroutine[Any, Any, T], view: FootView, foot: Foot, dashboard: Dashboard | None) -> T:
    """``running``, while the foot of ``view`` is kept true."""
    tasks = [asyncio.create_task(_follow_login(foot, view, dashboard))]
    if dashboard is not None:
        tasks.append(asyncio.create_task(_tell_end(dashboard, view)))
    try:
        return await running
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _follow_login(foot: Foot, view: FootView, dashboard: Dashboard | None) -> None:
    while foot.invitation:
        await asyncio.sleep(LOOK_SECONDS)
        with suppress(*AWAY):
            if await sync_to_async(somebody_can_log_in)():
                view.foot(foot.lines if dashboard is not None and dashboard.serves else ())
                return


async def _tell_end(dashboard: Dashboard, view: FootView) -> None:
    why = ""
    try:
        await asyncio.wrap_future(dashboard.ended)
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - of the other thread: it is told, and the bot goes on
        why = f": {error or type(error).__name__}"
    view.note(f"there is no dashboard{why}; the bot goes on without it")
    view.foot(())
