"""A foreground run from start to end: venue, session, host, signals. What is shown is the caller's business."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from asgiref.sync import sync_to_async

from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.book import Book, read_book
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.host import SessionHost
from paper_trading.bot.launch import Prepared, RunRequest, prepare
from paper_trading.bot.market import Market
from paper_trading.bot.pace import Pace
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport
from paper_trading.bot.runner import Runner, Watchers
from paper_trading.bot.upkeep import Shown, kept_up
from paper_trading.bot.venue import Venue, VenueRequest, open_venue
from paper_trading.bot.worth import equity, hold
from paper_trading.models import STOPPED_AT_TERMINAL, BotSession
from paper_trading.services import leases, sessions
from paper_trading.tokens import NATIVE

PROBE_PARTS = 200
"""Routes and gas are probed with a 200th of the quote deposit: a small trade of the account's own size."""


class RunView(Protocol):
    """Shows a run. Called from its loop, so nothing here may block for long."""

    def opened(self, venue: Venue, prepared: Prepared) -> None: ...

    def block(self, report: BlockReport) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``equity`` and ``holding`` are quote units at the last block; None where a position cannot be sold whole.

    ``others`` are sessions that ran beside and go on with the next host.
    """

    session: BotSession
    venue: Venue
    equity: int | None
    holding: int | None
    others: int = 0


async def run(request: RunRequest, venue_request: VenueRequest, view: RunView) -> Outcome:
    """Raises every ``DexError`` of opening and running; a second signal cancels and leaves the session open."""
    async with open_venue(venue_request, view.note) as venue:
        prepared = await sync_to_async(prepare)(request, venue)
        market = Market(source=venue.source, scope=venue.scope, probe=probe_of(prepared, venue), note=view.note)
        host = SessionHost(market=market, note=view.note, alone=True, health=venue.health)
        runner = await take(host, prepared, shown_by(view, prepared, venue))
        open_view(view, prepared, venue)
        with_signals(host.stop)
        async with kept_up(host, pace=Pace()):
            await host.run()
        return await outcome_of(runner.session, venue, market.desk)


def shown_by(view: RunView, prepared: Prepared, venue: Venue) -> Shown:
    return Shown(
        session_id=prepared.session.pk,
        scope=venue.scope,
        receipts=ReceiptCheck(venue.reader if venue.scope.live else None),
        watchers=Watchers(block=view.block, note=view.note),
    )


def open_view(view: RunView, prepared: Prepared, venue: Venue) -> None:
    view.opened(venue, prepared)
    for note in prepared.notes:
        view.note(note)


async def take(host: SessionHost, prepared: Prepared, shown: Shown) -> Runner:
    """Claim the prepared session for ``host``; ``SessionHeld`` while another process runs it, which then goes on."""
    owner, session = leases.this_owner(), prepared.session
    token = await sync_to_async(leases.claim)(session_id=session.pk, owner=owner)
    await sync_to_async(sessions.set_end)(session_id=session.pk, lease_token=token, ends_at=prepared.ends_at)
    await sync_to_async(sessions.set_foreground)(session_id=session.pk, lease_token=token, owner=owner)
    return host.take(
        session=await sync_to_async(sessions.load)(session.pk),
        lease_token=token,
        scope=shown.scope,
        engine=AIEngine(prepared.settings),
        receipts=shown.receipts,
        watchers=shown.watchers,
    )


def with_signals(stop: Callable[[str], None]) -> None:
    """The first Ctrl-C or SIGTERM ends the session gracefully, the second at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked = False

    def on_signal() -> None:
        nonlocal asked
        if asked and task is not None:
            task.cancel()
        asked = True
        stop(STOPPED_AT_TERMINAL)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)


async def until_signal() -> None:
    """For a run that has ended: until Ctrl-C or SIGTERM."""
    loop, signalled = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, signalled.set)
    await signalled.wait()


def probe_of(prepared: Prepared, venue: Venue) -> int:
    deposit = prepared.quote_deposit
    return max(1, deposit // PROBE_PARTS) if deposit > 0 else 10**venue.scope.quote.decimals


async def outcome_of(session: BotSession, venue: Venue, desk: MarketDesk | None) -> Outcome:
    """``desk`` is the market's at its last block, or at this moment where it goes on."""
    worth, holding = None, None
    if desk is not None:
        worth, holding = _final_worth(session, await sync_to_async(read_book)(session), desk)
    return Outcome(session=session, venue=venue, equity=worth, holding=holding)


def _final_worth(session: BotSession, book: Book, desk: MarketDesk) -> tuple[int | None, int | None]:
    tokens = {token.address: token for token in (desk.quote, *desk.watched)}
    cash = book.balances.get(desk.quote.address, 0)
    worth = equity(cash=cash, gas_quote=book.gas_quote, held=hold(book, desk, tokens))
    holding = 0
    for address, amount in session.state.get("start_balances", {}).items():
        if address == NATIVE or int(amount) == 0:
            continue
        if address == desk.quote.address:
            holding += int(amount)
            continue
        quote = desk.sell(address, int(amount))
        if quote is None:
            return worth, None
        holding += quote.amount_out
    return worth, holding
