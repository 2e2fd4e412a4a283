"""A foreground run from start to end: venue, session, host, signals. What is shown is the caller's business."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from asgiref.sync import sync_to_async

from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.book import read_book
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.host import SessionHost
from paper_trading.bot.launch import Prepared, RunRequest, prepare
from paper_trading.bot.market import Market
from paper_trading.bot.pace import Pace
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport
from paper_trading.bot.runner import Runner, Watchers
from paper_trading.bot.upkeep import kept_up
from paper_trading.bot.venue import Venue, VenueRequest, open_venue
from paper_trading.bot.worth import equity, hold
from paper_trading.models import BotSession
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
    """``equity`` and ``holding`` are quote units at the last block; None where a position cannot be sold whole."""

    session: BotSession
    venue: Venue
    equity: int | None
    holding: int | None


async def run(request: RunRequest, venue_request: VenueRequest, view: RunView) -> Outcome:
    """Raises every ``DexError`` of opening and running; a second signal cancels and leaves the session open."""
    async with open_venue(venue_request, view.note) as venue:
        prepared = await sync_to_async(prepare)(request, venue)
        market = Market(source=venue.source, scope=venue.scope, probe=_probe(prepared, venue), note=view.note)
        host = SessionHost(market=market, note=view.note, alone=True, health=venue.health)
        runner = await take(host, prepared, venue, view)
        view.opened(venue, prepared)
        for note in prepared.notes:
            view.note(note)
        with_signals(host.stop)
        async with kept_up(host, pace=Pace()):
            await host.run()
        worth, holding = await sync_to_async(_final_worth)(runner.session, market.desk)
        return Outcome(session=runner.session, venue=venue, equity=worth, holding=holding)


async def take(host: SessionHost, prepared: Prepared, venue: Venue, view: RunView) -> Runner:
    """Claim the prepared session for ``host``; ``SessionHeld`` while another process runs it, which then goes on."""
    owner, session = leases.this_owner(), prepared.session
    token = await sync_to_async(leases.claim)(session_id=session.pk, owner=owner)
    await sync_to_async(sessions.set_end)(session_id=session.pk, lease_token=token, ends_at=prepared.ends_at)
    await sync_to_async(sessions.set_foreground)(session_id=session.pk, lease_token=token, owner=owner)
    return host.take(
        session=await sync_to_async(sessions.load)(session.pk),
        lease_token=token,
        scope=venue.scope,
        engine=AIEngine(prepared.settings),
        receipts=ReceiptCheck(venue.reader if venue.scope.live else None),
        watchers=Watchers(block=view.block, note=view.note),
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
        stop("stopped by the user")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)


def _probe(prepared: Prepared, venue: Venue) -> int:
    deposit = prepared.quote_deposit
    return max(1, deposit // PROBE_PARTS) if deposit > 0 else 10**venue.scope.quote.decimals


def _final_worth(session: BotSession, desk: MarketDesk | None) -> tuple[int | None, int | None]:
    if desk is None:
        return None, None
    book = read_book(session)
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
