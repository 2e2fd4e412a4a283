"""An export needs the memory of one batch, however many rows there are: each is read when the one before was sent."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.models import PaperTrade
from tests.paper_trading.api.asking import ROOT, Asker
from tests.paper_trading.world import WETH, World, new_account, new_session

BATCH, TRADES = 5, 23


@pytest.fixture
def trades(alice: User, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("api.lists.CSV_BATCH", BATCH)
    account = new_account(user=alice)
    world = World(account=account, session=new_session(account))
    for _ in range(TRADES):
        world.buy(WETH, 1_000, 10)
    return TRADES


def test_each_part_is_read_when_the_one_before_was_sent(api: Asker, trades: int) -> None:
    of_trades = PaperTrade._meta.db_table
    sent, rows = [], 0
    with CaptureQueriesContext(connection) as queries:
        parts = iter(api.client.get(f"{ROOT}trades/?format=csv"))
        for part in parts:
            read = [query["sql"] for query in queries if f'FROM "{of_trades}"' in query["sql"]]
            assert all(sql.endswith(f"LIMIT {BATCH}") for sql in read)
            assert len(read) * BATCH - rows <= BATCH
            rows += part.count(b"\r\n") - (0 if sent else 1)
            sent.append(part)
    assert (rows, len(sent)) == (trades, 1 + -(-trades // BATCH))


def test_who_stops_reading_is_asked_no_more(api: Asker, trades: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = api.client.get(f"{ROOT}trades/?format=csv")
        parts = iter(answer)
        next(parts)
        before = len(queries)
        answer.close()
    assert len(queries) == before
