"""What the two databases could answer differently: numbers beyond their columns, odd texts, orders of amounts."""

from collections.abc import Iterator

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.api.world import furnish
from tests.paper_trading.api.asking import Asker
from tests.support.api_client import client_for, user_named
from tests.support.postgres import as_default, rolled_back

pytestmark = pytest.mark.postgres

HUGE = 2**63 - 1
ASKED = [
    "bot/status/",
    f"bot/status/?session_id={HUGE}",
    "sessions/?ordering=-chain&live=true",
    f"sessions/?account={HUGE}",
    f"sessions/{2**70}/",
    f"trades/?from_block=0&to_block={HUGE}",
    "trades/?exit_reason=%F0%9F%A6%86%25_'\"",
    "trades/?token=ETHER",
    "receipts/?ordering=id",
    "decisions/?ordering=id&from_block=1",
    f"decisions/{HUGE}/",
    "positions/?ordering=-cost",
    "accounts/?name=%C3%BC",
    "performance/?since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z",
    "performance/daily/",
    "performance/tokens/",
    "performance/exits/",
]


@pytest.fixture
def api(db: None, postgres_books: BaseDatabaseWrapper) -> Iterator[Asker]:
    with as_default(postgres_books), rolled_back():
        furnish(user_named("alice"))
        yield Asker(client_for(user_named("alice")))


def test_every_question_has_an_answer(api: Asker) -> None:
    for path in ASKED:
        answer = api.client.get(f"/paper-trading/api/{path}")
        assert answer.status_code in (200, 400, 404), (path, answer.content)


def test_pages_by_amount_hold_every_row_once(api: Asker) -> None:
    page, costs = api.get("positions/?ordering=cost&limit=1"), []
    while True:
        costs += [int(row["cost"]["raw"]) for row in page["results"]]
        if page["next"] is None:
            break
        page = api.client.get(page["next"]).json()
    assert costs == [100_000_000, 200_000_000]
