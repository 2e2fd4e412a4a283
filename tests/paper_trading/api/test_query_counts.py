"""However many rows an answer holds, it takes the same few queries."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.models import BotHost, BotSession, CommandKind, PaperTrade, Position
from paper_trading.services.control import order_by_hand
from tests.api.world import TOKENS, furnish
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.api.test_decisions import think
from tests.paper_trading.world import WBTC, WETH, World, new_account, new_session

FEW, MANY, MOST_QUERIES = 3, 30, 9
LISTS = ["sessions/", "trades/", "receipts/", "decisions/", "positions/", "accounts/"]


def crowd(alice: User, count: int) -> World:
    """``count`` of everything, each on an account of its own, with what the shapes look up beside it."""
    furnish(alice)
    worlds = [World(account=new_account(user=alice, name=f"a{n}"), session=BotSession()) for n in range(count)]
    for number, world in enumerate(worlds):
        world.session = new_session(world.account)
        world.buy(WETH if number % 2 else WBTC, 1_000, 10)
        BotHost.objects.create(name=f"host {number}")
        think(world.session.pk, WETH, 5, "waits")
        think(world.session.pk, WBTC, 5, "waits")
        worths = {str(position.pk): "5" for position in Position.objects.filter(account=world.account)}
        BotSession.objects.filter(pk=world.session.pk).update(
            owner=f"host {number}", cursor_block=5, worths=worths, tokens=list(TOKENS), equity=5, start_equity=4
        )
    first = worlds[0]
    for number in range(count):
        order_by_hand(session=first.session, user=alice, kind=CommandKind.SELL, token=WETH, key=str(number))
        first.buy(WETH, 10, 1)
    return first


def counted(api: Asker, path: str) -> tuple[int, int]:
    """Rows and queries of one answer."""
    with CaptureQueriesContext(connection) as asked:
        rows = api.results(path)
    return len(rows), len(asked)


def test_many_rows_take_as_many_queries_as_few(api: Asker, alice: User) -> None:
    busy = crowd(alice, MANY)
    lists = [*LISTS, f"sessions/{busy.session.pk}/commands/", f"accounts/{busy.account.pk}/ledger/"]
    api.get("config/")  # the first request of a minute writes down that the token was used
    for path in lists:
        few, many = counted(api, f"{path}?limit={FEW}"), counted(api, f"{path}?limit={MANY}")
        assert (few[0], many[0]) == (FEW, MANY), path
        assert few[1] == many[1] <= MOST_QUERIES, path


def test_one_of_many_takes_as_many_queries_as_ever(api: Asker, alice: User) -> None:
    busy = crowd(alice, FEW)
    trade, session = PaperTrade.objects.filter(account=busy.account).first(), busy.session
    assert trade is not None
    paths = ["bot/status/", "performance/", "performance/daily/", "performance/tokens/", "performance/exits/"]
    paths += [f"thoughts/?session={session.pk}", f"trades/{trade.pk}/", f"accounts/{busy.account.pk}/balances/"]
    paths += [f"sessions/{session.pk}/", f"positions/{trade.position_id}/"]
    api.get("config/")
    for path in paths:
        with CaptureQueriesContext(connection) as asked:
            api.get(path)
        assert len(asked) <= MOST_QUERIES, path


def test_an_export_asks_in_batches(api: Asker, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(alice, 12)
    monkeypatch.setattr("api.lists.CSV_BATCH", 10)
    api.get("config/")
    with CaptureQueriesContext(connection) as asked:
        rows = api.csv("trades/?format=csv")
    assert len(rows) == PaperTrade.objects.count()
    assert len(asked) <= 2 + 2 * (len(rows) // 10 + 1)
