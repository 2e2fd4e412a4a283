"""The books of one user after a year, the same for the same seed. Import it after Django is set up.

Four accounts. The newest has all trades, half of them in the session that still runs, and each of its sessions has a
curve. The others have one that ended, with a curve and no trade.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from benchmarks.support import api_rows as rows
from paper_trading.models import (
    BotHost,
    BotSession,
    Decision,
    EquityPoint,
    FillReceipt,
    LedgerEntry,
    LedgerPosting,
    PaperAccount,
    PaperTrade,
    Position,
    PositionStatus,
    SessionCommand,
    SessionStatus,
)
from trading.models import Chain

ENDED = 49
OTHERS = 3
OTHER_POINTS = 5_000
BATCH = 2_000
TRADE_MINUTES = 10
BLOCKS_A_POINT = 30
START_EQUITY = 10**10
NEVER = 10**9
REASONS = ("take_profit", "stop_loss", "trend_over", "time_is_up")


@dataclass(slots=True, kw_only=True)
class History:
    """``live`` is the session that runs; so many trades are ``booked`` and points ``drawn`` in ``account``."""

    account: PaperAccount
    live: BotSession
    ended: list[BotSession]
    random: Random
    minutes: float
    booked: int = 0
    drawn: int = 0
    worth: int = START_EQUITY
    newest: Position = field(default_factory=Position)

    def fill(self, trades: int, points: int) -> None:
        """Five of the newest positions are still held."""
        for start in range(0, trades, BATCH):
            with transaction.atomic():
                self._trade(range(start, min(trades, start + BATCH)), of=trades, positions=trades // 2)
        for start in range(0, points, BATCH):
            EquityPoint.objects.bulk_create(
                [self._point(number, of=points) for number in range(start, min(points, start + BATCH))]
            )

    @transaction.atomic
    def book(self) -> None:
        """One more trade of the session that runs, and the point that comes with it, as a tick writes them."""
        self._trade(range(self.booked, self.booked + 1), of=self.booked + 1, positions=NEVER)
        self._point(self.drawn, of=self.drawn + 1).save()

    def _session(self, place: int, of: int) -> BotSession:
        """One after the other; the last half of all belongs to the one that runs."""
        return self.live if 2 * place >= of - 1 else self.ended[2 * place * ENDED // of]

    def _trade(self, numbers: range, *, of: int, positions: int) -> None:
        account = self.account
        sessions = [self._session(number, of) for number in numbers]
        numbered = list(zip(numbers, sessions, strict=True))
        decisions = Decision.objects.bulk_create([rows.decision_row(session, number) for number, session in numbered])
        opened = [self._position(session, number, positions) for number, session in numbered if number % 2 == 0]
        held = iter(Position.objects.bulk_create(opened))
        trades = []
        for (number, session), decision in zip(numbered, decisions, strict=True):
            if number % 2 == 0:
                self.newest = next(held)
            trades.append(self._order(session, self.newest, decision, number))
        PaperTrade.objects.bulk_create(trades)
        booked = list(zip(numbers, trades, strict=True))
        FillReceipt.objects.bulk_create([rows.receipt_row(trade, number) for number, trade in booked])
        postings = LedgerPosting.objects.bulk_create([rows.posting_row(account, trade, at) for at, trade in booked])
        LedgerEntry.objects.bulk_create(
            [
                rows.entry_row(account, posting, trade, 3 * number + leg)
                for (number, trade), posting in zip(booked, postings, strict=True)
                for leg in range(3)
            ]
        )
        self.booked = numbers[-1] + 1

    def _position(self, session: BotSession, number: int, count: int) -> Position:
        row = rows.position_row(session, number // 2, count)
        if row.status == PositionStatus.CLOSED:
            row.result = int(self.random.gauss(4 * 10**4, 3 * 10**6))
            row.proceeds = row.cost + row.fees_quote + row.result
            row.exit_reason = self.random.choice(REASONS)
        return row

    def _order(self, session: BotSession, position: Position, decision: Decision, number: int) -> PaperTrade:
        row = rows.trade_row(session, position, number)
        row.decision = decision
        row.exit_reason = position.exit_reason if number % 2 else ""
        row.amount_in = self.random.randrange(1, 2 * 10**8)
        row.pool_fee_quote = self.random.randrange(1, 10**6)
        row.impact_quote = self.random.randrange(1, 10**5)
        row.drift_quote = int(self.random.gauss(0, 10**5))
        return row

    def _point(self, number: int, *, of: int) -> EquityPoint:
        self.worth = max(1, self.worth + int(self.random.gauss(0, 10**7)))
        self.drawn = number + 1
        return EquityPoint(
            session=self._session(number, of),
            block_number=BLOCKS_A_POINT * number,
            block_time=rows.START + timedelta(minutes=self.minutes * number),
            equity=self.worth,
        )


def history(user: User, *, trades: int, points: int, seed: int) -> History:
    """Everything that ``user`` has. The database must be empty and ``trades`` even."""
    random = Random(seed)
    rows.market_rows(Chain.objects.create(chain_id=rows.DEVNET.chain_id, name=rows.DEVNET.name))
    host = BotHost.objects.create(name="host/1/benchmark", chain="devnet", sessions=1)
    for number in range(OTHERS):
        _other(user, number, random)
    account = _account(user, "first")
    ended = [_run(account, number) for number in range(ENDED)]
    live = _run(account, ENDED, owner=host.name)
    rows.bulk(SessionCommand, 200, lambda number: rows.command_row(live, number))
    minutes = TRADE_MINUTES * trades / points
    found = History(account=account, live=live, ended=ended, random=random, minutes=minutes)
    found.fill(trades, points)
    return found


def _other(user: User, number: int, random: Random) -> None:
    session = _run(_account(user, f"other {number}"), number)
    EquityPoint.objects.bulk_create(
        [
            EquityPoint(
                session=session,
                block_number=BLOCKS_A_POINT * place,
                block_time=rows.START + timedelta(minutes=place),
                equity=START_EQUITY + random.randrange(10**9),
            )
            for place in range(OTHER_POINTS)
        ]
    )


def _account(user: User, name: str) -> PaperAccount:
    kept: dict[str, Any] = {"chain_key": rows.GENESIS, "address": "0x" + "a" * 40, "created_at": rows.START}
    return PaperAccount.objects.create(
        user=user, name=name, chain_id=rows.DEVNET.chain_id, quote_token=rows.QUOTE, **kept
    )


def _run(account: PaperAccount, number: int, *, owner: str = "") -> BotSession:
    began = rows.START + timedelta(days=7 * number)
    return BotSession.objects.create(
        account=account,
        user=account.user,
        name=f"session {number}",
        chain="devnet",
        intel_level=8,
        status=SessionStatus.RUNNING if owner else SessionStatus.ENDED,
        owner=owner,
        started_block=1,
        cursor_block=3_000_000,
        start_equity=START_EQUITY,
        equity=START_EQUITY + number,
        created_at=began,
        ended_at=None if owner else began + timedelta(days=7),
    )
