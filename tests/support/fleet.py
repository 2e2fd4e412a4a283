"""Many sessions of one user on running hosts: made as their owner makes them, and judged by their books."""

from collections.abc import Collection, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count

from chain.networks import Network, load_networks
from dex.types import BlockRef
from paper_trading.models import BotSession, Decision, PaperAccount, PaperTrade, SessionStatus, TradeStatus
from paper_trading.selectors import check_ledger
from paper_trading.services import control
from paper_trading.services.accounts import open_account
from tests.support.hosts import Row, rows
from trading.models import Market

LATE_SECONDS = 10
CAUGHT_UP = 3
"""An order that still waits so long after its deadline is forgotten, where its session is so many blocks behind."""


def owner() -> User:
    return User.objects.get_or_create(username="alice")[0]


def network() -> Network:
    return load_networks(settings.NETWORKS_DIR)["devnet"]


def start(name: str, *, level: int = 5, **more: Any) -> BotSession:
    """A session on the account ``name``, handed over; ``more`` as in ``StartRequest``."""
    request = control.StartRequest(user=owner(), network=network(), account_name=name, intel_level=level, **more)
    session = control.start_session(request).session
    if session.status == SessionStatus.QUEUED:  # with a broker, a worker's task does this
        control.mark_runnable(session_id=session.pk, user_id=session.user_id, runtime=None)
    return session


def start_many(count: int, *, prefix: str = "a") -> list[int]:
    """``count`` sessions of levels 1 to 10; every second one trades as often as it can."""
    eager = {"cooldown_blocks": 0, "min_confidence_pct": 0}
    return [
        start(f"{prefix}{number}", level=1 + number % 10, overrides=eager if number % 2 else {}).pk
        for number in range(count)
    ]


def moved(database: "psycopg.Connection[Any]", before: dict[int, Row], *, not_by: str = "") -> bool:
    """Whether every session of ``before`` has booked a block since, held by a host that is not ``not_by``."""
    now = rows(database)
    return all(
        now[pk].owner not in ("", not_by) and (now[pk].cursor or 0) > (row.cursor or 0) for pk, row in before.items()
    )


def problems(session_ids: Collection[int] | None = None) -> list[str]:
    """What is wrong with the books: trades or decisions made twice, orders forgotten, ledgers that do not add up."""
    return [*_twice(), *_forgotten(), *_ledgers(session_ids)]


def _twice() -> list[str]:
    trades = PaperTrade.objects.exclude(status=TradeStatus.UNBOOKED)
    by_plan = trades.order_by().values("session", "decided_block", "token_in", "token_out")
    by_decision = trades.exclude(decision=None).order_by().values("decision")
    by_block = Decision.objects.order_by().values("session", "block_number", "token")
    return [
        f"made twice: {row}"
        for grouped in (by_plan, by_decision, by_block)
        for row in grouped.annotate(number=Count("pk")).filter(number__gt=1)
    ]


def _forgotten() -> list[str]:
    market = Market.objects.order_by("-head_time").first()
    if market is None:
        return []
    late = int(market.head_time.timestamp()) - LATE_SECONDS
    waiting = PaperTrade.objects.filter(
        status=TradeStatus.PENDING, deadline__lt=late, session__cursor_block__gt=market.head_number - CAUGHT_UP
    )
    return [f"trade {pk} waits past its deadline" for pk in waiting.values_list("pk", flat=True)]


def _ledgers(session_ids: Collection[int] | None) -> list[str]:
    accounts = PaperAccount.objects.all()
    if session_ids is not None:
        accounts = accounts.filter(sessions__in=list(session_ids))
    return [f"{account.name}: {problem}" for account in accounts for problem in check_ledger(account)]


def without_orders(count: int) -> Sequence[BotSession]:
    """So many running sessions with nothing pending."""
    quiet = BotSession.objects.filter(status=SessionStatus.RUNNING).exclude(trades__status=TradeStatus.PENDING)
    return list(quiet.order_by("-pk")[:count])


def orders_placed() -> dict[str, int]:
    """How many trades there are of each status."""
    return dict(PaperTrade.objects.order_by().values_list("status").annotate(number=Count("pk")))


def snapshot(url: str, session_ids: Collection[int] | None = None) -> dict[int, Row]:
    """The running ones of ``session_ids``, or of all."""
    with psycopg.connect(url, autocommit=True) as database:
        found = rows(database)
    return {
        pk: row
        for pk, row in found.items()
        if row.status == SessionStatus.RUNNING and (session_ids is None or pk in session_ids)
    }


def account_elsewhere(name: str) -> PaperAccount:
    """An account with its money on an instance of the local chain that no node serves any more."""
    quote = network().quote_token
    genesis = BlockRef(number=0, hash="0x00", parent_hash="", timestamp=1_750_000_000, base_fee_per_gas=None)
    return open_account(
        user=owner(),
        name=name,
        chain_id=network().chain_id,
        chain_key="0x" + "77" * 32,
        quote_token=quote,
        deposits={str(quote): 10**10},
        block=genesis,
    )
