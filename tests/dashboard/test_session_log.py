"""What happened to a session, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from dashboard.session.happenings import MOST_SHOWN
from paper_trading.feed import log
from paper_trading.feed.envelope import Batch, message, session_topic
from paper_trading.models import BotSession
from tests.api.world import Owned
from tests.dashboard.world import browser_of
from tests.paper_trading.world import USDC, WETH
from tests.support.api_client import user_named
from trading.models import Token

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
ORDER = {"trade": 7, "sequence": 3, "side": "buy", "status": "pending", "token_in": USDC, "token_out": WETH}
FILL = {**ORDER, "status": "filled", "block": 12, "disputed": False, "reason": ""}


@pytest.fixture(autouse=True)
def empty_feed() -> Iterator[None]:
    log.forget()
    yield
    log.forget()


@pytest.fixture
def owned(owned: Owned) -> Owned:
    Token.objects.filter(address=WETH).update(symbol="WETH")
    return owned


def tell(session: BotSession, *told: tuple[str, Mapping[str, Any]]) -> None:
    messages = [message(session_topic(session.pk), kind, data) for kind, data in told]
    log.log().append(Batch(writer="test", number=1, messages=messages))


def shown(owner: User, session: BotSession) -> str:
    answer = browser_of(owner).get(f"/sessions/{session.pk}/", {"part": "log"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("startup", {"block": 4, "start_equity": "1"}, "it began to trade"),
        ("status", {"status": "stopping"}, "the session is stopping"),
        ("status", {"entries_paused": True}, "buying is paused"),
        ("status", {"entries_paused": False}, "buying goes on"),
        ("warning", {"failures": 2, "error": "no disk", "retry_seconds": 5}, "it failed and rests, 2 in a row"),
        ("command", {"command": 1, "kind": "sell", "token": WETH, "status": "waiting"}, "by hand: sell WETH, waiting"),
        ("command", {"command": 1, "status": "refused", "reason": "none", "trades": []}, "by hand: order, refused"),
        ("entry", ORDER, "ordered to buy WETH"),
        ("exit", {**ORDER, "side": "sell", "token_in": WETH, "token_out": USDC}, "ordered to sell WETH"),
        ("entry_fill", FILL, "buy of WETH filled<"),
        ("entry_fill", {**FILL, "disputed": True}, "buy of WETH filled, disputed"),
        ("entry_fill", {**FILL, "status": "reverted"}, "the market refused to buy WETH; gas was paid"),
        (
            "entry_cancel",
            {**ORDER, "status": "expired", "reason": "late"},
            "order to buy WETH expired",
        ),
        ("reorg", {**ORDER, "block": 9, "removed": "0x1"}, "the block of a fill of WETH is gone"),
    ],
)
def test_each_kind_is_told_in_words(alice: User, owned: Owned, kind: str, data: dict[str, Any], words: str) -> None:
    tell(owned.running, (kind, data))
    assert words in shown(alice, owned.running)


def test_the_newest_stands_first_and_leads_to_its_trade(alice: User, owned: Owned) -> None:
    tell(owned.running, ("entry", ORDER), ("entry_fill", FILL))
    page = shown(alice, owned.running)
    assert page.index("buy of WETH filled") < page.index("ordered to buy WETH")
    assert page.count('href="/trades/7/"') == 2
    assert "block 12" in page


def test_decisions_are_left_out_and_long_logs_are_cut(alice: User, owned: Owned) -> None:
    told: list[tuple[str, dict[str, Any]]] = [("decision", {"token": WETH}), ("entry", ORDER)]
    tell(owned.running, *told * (MOST_SHOWN + 5))
    assert shown(alice, owned.running).count('class="row"') == MOST_SHOWN


def test_what_a_node_said_is_text(alice: User, owned: Owned) -> None:
    tell(owned.running, ("entry_fill", {**FILL, "status": "reverted", "reason": HOSTILE}))
    page = shown(alice, owned.running)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_one_to_which_nothing_happened_says_so(alice: User, owned: Owned) -> None:
    assert "Nothing happened lately." in shown(alice, owned.running)


def test_a_log_that_cannot_be_read_is_said(alice: User, owned: Owned, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "Redis does not answer" in shown(alice, owned.running)


def test_nobody_else_s_log_is_had(owned: Owned) -> None:
    tell(owned.running, ("entry", ORDER))
    answer = browser_of(user_named("mallory")).get(f"/sessions/{owned.running.pk}/", {"part": "log"})
    assert answer.status_code == 404
