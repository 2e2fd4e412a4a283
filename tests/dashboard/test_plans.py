"""No view of a page reads a whole table that grows: SQLite says of each of its queries how it is answered."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from dashboard.urls import urlpatterns
from paper_trading.models import EquityPoint, PaperTrade
from tests.api.world import Owned
from tests.paper_trading.world import WBTC, World

pytestmark = pytest.mark.django_db
GROWING = ("papertrade", "decision", "position", "fillreceipt", "ledgerposting", "ledgerentry", "equitypoint")
SCAN = re.compile(rf"SCAN (?:TABLE )?(?:paper_trading_(?:{'|'.join(GROWING)})|trading_candle)\b")
PAGES = [pattern.name for pattern in urlpatterns if pattern.name != "login"]
Query = tuple[str, Any]


def path_of(name: str, owned: Owned) -> str:
    known = {
        "session": [owned.running.pk],
        "decision-why": [owned.running.decisions.latest("pk").pk],
        "trade": [PaperTrade.objects.latest("pk").pk],
        "portfolio-account": [owned.account.pk],
    }
    pattern = next(one for one in urlpatterns if one.name == name)
    return reverse(f"dashboard:{name}", args=known[name] if pattern.pattern.converters else [])


def asked_by(view: Callable[[], Any]) -> list[Query]:
    found: list[Query] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            found.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        assert view().status_code == 200
    return found


def scans(queries: list[Query]) -> list[tuple[str, str]]:
    found = []
    with connection.cursor() as cursor:
        for sql, parameters in queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
            found += [(detail, sql) for *_, detail in cursor.fetchall() if SCAN.search(detail)]
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_finds_what_it_shows_by_indexes(owned: Owned, browser: Client, name: str) -> None:
    path = path_of(name, owned)
    first = asked_by(lambda: browser.get(path))
    world = World(account=owned.account, session=owned.running, block=100)
    world.sell(WBTC, 1, 500, exit_reason="stop_loss")
    trade = PaperTrade.objects.latest("block_number")
    assert trade.block_time is not None
    EquityPoint.objects.create(session=owned.running, block_number=101, block_time=trade.block_time, equity=5)
    assert scans([*first, *asked_by(lambda: browser.get(path))]) == []


@pytest.mark.parametrize(
    "query", ["period=30d", "session={session}", "account={account}", "compare={session}&compare={ended}"]
)
def test_so_do_the_harder_questions(owned: Owned, browser: Client, query: str) -> None:
    asked = query.format(session=owned.running.pk, ended=owned.ended.pk, account=owned.account.pk)
    assert scans(asked_by(lambda: browser.get(f"/performance/?{asked}"))) == []


def test_a_scan_would_be_seen() -> None:
    assert scans([("SELECT COUNT(*) FROM paper_trading_papertrade", None)]) != []
