"""Session hosts as processes of their own on a PostgreSQL of their own: what they survive, and what owners tell them.

The tests share two hosts and one chain, and find them running whatever the test before did to them.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from dex.types import Address
from paper_trading.errors import SessionNotRunning, WrongRequest
from paper_trading.models import (
    UNOPENED,
    BotSession,
    CommandKind,
    CommandStatus,
    PaperTrade,
    Position,
    PositionStatus,
    SessionCommand,
    SessionStatus,
    TradeSide,
    TradeStatus,
)
from paper_trading.services import control
from tests.support import fleet
from tests.support.hosts import Daemon, Stack, Watch, books_of, owner_of
from tests.support.private_postgres import PrivatePostgres, private_postgres

SESSIONS = 20
A_FEW_SECONDS = 10.0
"""Seconds; generous, because nothing is measured here."""

BLOCK_SECONDS = 0.5
SETTLED_SECONDS = 15.0
ENDED = (SessionStatus.ENDED, SessionStatus.HALTED)


@dataclass(slots=True)
class Hosts:
    stack: Stack
    postgres: PrivatePostgres
    running: list[Daemon]

    def owner(self, host: Daemon) -> str:
        return owner_of(self.stack.database_url, host.pid)

    def both(self) -> None:
        """Two living hosts, whatever became of those of the test before."""
        self.running = [host for host in self.running if host.alive]
        self.running += [self.stack.start_host() for _ in range(2 - len(self.running))]

    def until(self, pk: int, *statuses: SessionStatus) -> BotSession:
        own = BotSession.objects.filter(pk=pk, status__in=statuses)
        self.stack.wait(own.exists, f"session {pk} is not {statuses}: {BotSession.objects.filter(pk=pk).values()}")
        return own.get()

    def until_running(self, pk: int) -> BotSession:
        own = BotSession.objects.filter(pk=pk, start_equity__isnull=False, cursor_block__isnull=False)
        self.stack.wait(own.exists, f"session {pk} does not run: {BotSession.objects.filter(pk=pk).values()}")
        return own.get()

    def until_done(self, command: SessionCommand) -> SessionCommand:
        done = SessionCommand.objects.filter(pk=command.pk).exclude(status=CommandStatus.WAITING)
        self.stack.wait(done.exists, "the command is not obeyed")
        return done.get()

    def until_settled(self, session: BotSession) -> None:
        waiting = PaperTrade.objects.filter(session=session, status=TradeStatus.PENDING)
        self.stack.wait(lambda: not waiting.exists(), "an order waits for ever")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, PrivatePostgres]]:
    """A chain and two hosts on their way."""
    var = tmp_path_factory.mktemp("hosts")
    with private_postgres() as postgres:
        made = Stack(var=var, database_url=postgres.url, block_time=BLOCK_SECONDS)
        try:
            made.manage("migrate", "--verbosity", 0)
            made.start_chain()
            for _ in range(2):
                made.start_host(ready=False)
            yield made, postgres
        finally:
            made.end_all()
    assert [line for daemon in made.daemons for line in made.defects(daemon)] == []


@pytest.fixture
def hosts(
    stack: tuple[Stack, PrivatePostgres], django_db_blocker: DjangoDbBlocker, settings: Settings
) -> Iterator[Hosts]:
    settings.REDIS_URL = ""  # hosts look into the database every second then, which is the slower way
    made, postgres = stack
    found = Hosts(made, postgres, [daemon for daemon in made.daemons if "host" in daemon.log.name])
    with django_db_blocker.unblock(), books_of(made.database_url):
        for host in found.running:
            if host.alive:
                made.wait(lambda host=host: found.owner(host) != "", "a host does not start", alive=host)
        found.both()
        yield found


@pytest.fixture
def many(hosts: Hosts) -> list[int]:
    """``SESSIONS`` sessions that run."""
    running = list(BotSession.objects.filter(account__name__startswith="a", status=SessionStatus.RUNNING))
    ids = [session.pk for session in running] or fleet.start_many(SESSIONS)
    for pk in ids:
        hosts.until_running(pk)
    return ids


def test_two_hosts_share_the_sessions_about_evenly(hosts: Hosts, many: list[int]) -> None:
    held = [BotSession.objects.filter(pk__in=many, owner=hosts.owner(host)).count() for host in hosts.running]
    assert sum(held) == SESSIONS
    assert abs(held[0] - held[1]) <= 4


def test_an_unopened_account_is_opened_once_however_many_hosts_there_are(hosts: Hosts, many: list[int]) -> None:
    for session in BotSession.objects.filter(pk__in=many).select_related("account"):
        assert session.account.chain_key != UNOPENED
        assert session.account.postings.count() - session.trades.exclude(status=TradeStatus.PENDING).count() <= 1
    assert fleet.problems(many) == []


def test_kill_9_of_a_host_costs_its_sessions_one_lease_and_no_trade_twice(hosts: Hosts, many: list[int]) -> None:
    victim = hosts.running[0]
    name = hosts.owner(victim)
    held = {pk: row for pk, row in fleet.snapshot(hosts.stack.database_url).items() if row.owner == name}
    assert held
    victim.kill()
    with psycopg.connect(hosts.stack.database_url, autocommit=True) as database:
        seconds = hosts.stack.wait(lambda: fleet.moved(database, held, not_by=name), "some session stands still")
    assert seconds <= SETTLED_SECONDS
    assert fleet.problems(many) == []


def test_sigterm_hands_over_within_three_seconds(hosts: Hosts, many: list[int]) -> None:
    watch = Watch(hosts.stack)
    watch.start()
    time.sleep(2 * BLOCK_SECONDS)
    held = fleet.snapshot(hosts.stack.database_url)
    victim = max(hosts.running, key=lambda host: sum(row.owner == hosts.owner(host) for row in held.values()))
    name = hosts.owner(victim)
    victim.terminate()
    with psycopg.connect(hosts.stack.database_url, autocommit=True) as database:
        mine = {pk: row for pk, row in held.items() if row.owner == name}
        hosts.stack.wait(lambda: fleet.moved(database, mine, not_by=name), "some session stands still")
    gap, _ = watch.gaps()
    watch.close()
    assert victim.end() == 0
    assert gap <= A_FEW_SECONDS
    assert fleet.problems(many) == []


def test_sessions_outlive_a_crash_of_the_database(hosts: Hosts, many: list[int]) -> None:
    connection.close()
    hosts.postgres.stop("immediate")
    hosts.postgres.start()
    before = {pk: row for pk, row in fleet.snapshot(hosts.stack.database_url).items() if pk in many}
    with psycopg.connect(hosts.stack.database_url, autocommit=True) as database:
        seconds = hosts.stack.wait(lambda: fleet.moved(database, before), "some session stands still")
    assert seconds <= SETTLED_SECONDS
    assert all(host.alive for host in hosts.running)
    assert fleet.problems(many) == []


def test_a_session_ends_with_its_runtime(hosts: Hosts) -> None:
    session = hosts.until(fleet.start("limited", runtime=2).pk, *ENDED)
    assert session.end_reason == "the runtime is over"
    assert session.ends_at is not None
    assert session.ended_at is not None
    assert 0.0 <= (session.ended_at - session.ends_at).total_seconds() <= A_FEW_SECONDS


def test_a_stop_is_obeyed_within_two_seconds(hosts: Hosts) -> None:
    session = fleet.start("stopped", level=1)
    hosts.until_running(session.pk)
    began = time.monotonic()
    control.request_stop(session=session, reason="enough")
    ended = hosts.until(session.pk, *ENDED)
    assert time.monotonic() - began < 2.0
    assert (ended.status, ended.end_reason, ended.owner) == (SessionStatus.ENDED, "enough", "")


def test_a_session_without_a_host_to_end_it_ends_at_once(hosts: Hosts) -> None:
    session = fleet.start("never-run")
    BotSession.objects.filter(pk=session.pk, owner="").update(status=SessionStatus.QUEUED)
    ended = control.request_stop(session=session, reason="enough")
    assert ended.desired_status == SessionStatus.ENDED
    assert hosts.until(session.pk, *ENDED).end_reason == "enough"


def test_a_paused_session_buys_nothing_by_itself_and_sells_all_by_hand(hosts: Hosts) -> None:
    weth = fleet.network().token("WETH").address
    session = fleet.start("paused", level=10, overrides={"min_confidence_pct": 0, "cooldown_blocks": 0})
    control.pause_entries(session=session, paused=True)
    hosts.until_running(session.pk)
    bought = _filled_buys(hosts, session, weth)
    sold = hosts.until_done(control.order_by_hand(session=session, user=_user(), kind=CommandKind.EXIT_ALL))
    hosts.until_settled(session)
    # Sales go on in a pause: where the engine was quicker, there was nothing left for the hand.
    sales = set(PaperTrade.objects.filter(session=session, side=TradeSide.SELL).values_list("pk", flat=True))
    assert sales != set()
    assert (sold.status == CommandStatus.DONE) == (set(sold.trades) != set())
    assert set(sold.trades) <= sales
    assert not Position.objects.filter(account=session.account, status=PositionStatus.OPEN).exists()
    buys = PaperTrade.objects.filter(session=session, side=TradeSide.BUY)
    assert sorted(buys.values_list("pk", flat=True)) == bought
    assert fleet.problems([session.pk]) == []


def test_orders_by_hand_are_done_in_the_tick_that_places_them(hosts: Hosts) -> None:
    weth = fleet.network().token("WETH").address
    session = _quiet_session(hosts, "by-hand")
    command = _buy(hosts, session, weth, dollars=1_000)
    (trade,) = PaperTrade.objects.filter(pk__in=command.trades)
    assert trade.decision is not None
    assert (trade.decision.code, trade.decision.reasons) == ("by_hand", ["ordered by hand"])
    assert command.done_at is not None
    assert abs((command.done_at - trade.created_at).total_seconds()) < A_FEW_SECONDS
    hosts.until_settled(session)
    _filled_buys(hosts, session, weth)
    held = Position.objects.get(account=session.account, token=weth).quantity
    half = hosts.until_done(_sell(session, weth, held // 2))
    (sale,) = PaperTrade.objects.filter(pk__in=half.trades)
    assert (half.status, sale.amount_in) == (CommandStatus.DONE, held // 2)


def test_an_order_by_hand_that_cannot_be_is_refused_with_the_reason(hosts: Hosts) -> None:
    session = _quiet_session(hosts, "refused")
    refused = hosts.until_done(_sell(session, fleet.network().token("LARK").address, 1))
    assert (refused.status, refused.trades) == (CommandStatus.REFUSED, [])
    assert refused.reason == "no position in LARK is open"


def test_the_same_key_is_the_same_command(hosts: Hosts) -> None:
    weth = fleet.network().token("WETH").address
    session = _quiet_session(hosts, "keyed")
    first, again = (_buy(hosts, session, weth, dollars=300, key="k1") for _ in range(2))
    assert first.pk == again.pk
    hosts.until_settled(session)
    assert PaperTrade.objects.filter(session=session, side=TradeSide.BUY).count() == 1
    with pytest.raises(WrongRequest):
        _buy(hosts, session, weth, dollars=301, key="k1")


def test_an_ended_session_takes_no_orders(hosts: Hosts) -> None:
    session = hosts.until(fleet.start("over", runtime=1).pk, *ENDED)
    with pytest.raises(SessionNotRunning):
        _buy(hosts, session, fleet.network().token("WETH").address, dollars=300)


def test_a_session_of_another_instance_of_the_chain_ends_with_the_reason(hosts: Hosts) -> None:
    """Its account lives on a chain that was put aside; its books stay as they are."""
    account = fleet.account_elsewhere("elsewhere")
    session = BotSession.objects.create(
        account=account, user=account.user, chain="devnet", intel_level=5, started_block=7, cursor_block=9
    )
    ended = hosts.until(session.pk, *ENDED)
    assert (ended.status, ended.end_reason) == (
        SessionStatus.HALTED,
        "its account lives on another instance of devnet",
    )
    assert fleet.problems([session.pk]) == []


def test_a_row_that_cannot_run_halts_and_hurts_no_neighbour(hosts: Hosts, many: list[int]) -> None:
    bad = [
        fleet.start("bad-override", overrides={"nonsense": 1}),
        fleet.start("bad-token", tokens=[Address("0x" + "99" * 20)]),
    ]
    for session in bad:
        halted = hosts.until(session.pk, SessionStatus.HALTED)
        assert halted.end_reason
    before = fleet.snapshot(hosts.stack.database_url, many)
    with psycopg.connect(hosts.stack.database_url, autocommit=True) as database:
        hosts.stack.wait(lambda: fleet.moved(database, before), "a neighbour stands still")
    assert not BotSession.objects.filter(pk__in=many, failures__gt=0).exists()


def _user() -> User:
    return fleet.owner()


def _quiet_session(hosts: Hosts, name: str) -> BotSession:
    """It buys nothing by itself, and lets what it holds fall far before it sells."""
    session = fleet.start(name, level=1, overrides={"risk_tolerance": 100, "min_confidence_pct": 100})
    control.pause_entries(session=session, paused=True)
    return hosts.until_running(session.pk)


def _sell(session: BotSession, token: Address, amount: int) -> SessionCommand:
    return control.order_by_hand(session=session, user=_user(), kind=CommandKind.SELL, token=token, amount=amount)


def _filled_buys(hosts: Hosts, session: BotSession, token: Address) -> list[int]:
    """Buys by hand until one is filled: on a living market some are reverted."""
    bought: list[int] = []
    for _ in range(5):
        [trade] = _buy(hosts, session, token, dollars=500).trades
        bought.append(trade)
        hosts.until_settled(session)
        if PaperTrade.objects.filter(pk=trade, status=TradeStatus.FILLED).exists():
            return bought
    raise AssertionError(f"none of the buys {bought} was filled")


def _buy(hosts: Hosts, session: BotSession, token: Address, *, dollars: int, key: str = "") -> SessionCommand:
    command = control.order_by_hand(
        session=BotSession.objects.get(pk=session.pk),
        user=_user(),
        kind=CommandKind.BUY,
        token=token,
        amount=dollars * 10**6,
        key=key,
    )
    return hosts.until_done(command)
