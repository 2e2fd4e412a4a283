"""What a page that stays up to date is made of."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import Http404
from django.template import Context, Template
from django.test import Client, RequestFactory
from pytest_django import Settings
from redis.exceptions import ConnectionError as RedisIsAway

from dashboard.parts import Ask, Bound, LivePage, Part
from dashboard.visitors import Visitor
from paper_trading.feed import log
from paper_trading.feed.envelope import Batch, message
from tests.dashboard.world import browser_of, login_of

pytestmark = pytest.mark.django_db
TOPICS = ["portfolio:1", "alerts:1", "session:1"]


@pytest.fixture
def ask(alice: User) -> Callable[[str], Ask]:
    def make(address: str) -> Ask:
        login = login_of(alice, Client())
        visitor = Visitor(user=alice, login=login, address=login.wallet.address, name=alice.username)
        return Ask.of(RequestFactory().get(address), visitor)

    return make


@pytest.fixture
def reads() -> list[str]:
    """The parts that were read so far."""
    return []


@pytest.fixture
def page(reads: list[str]) -> LivePage[None]:
    """The first page with parts that show next to nothing."""

    def reader(name: str, shown: Mapping[str, Any]) -> Callable[[Ask, None], Mapping[str, Any]]:
        def read(ask: Ask, _: None) -> Mapping[str, Any]:
            reads.append(name)
            return shown

        return read

    return LivePage(
        name="home",
        parts=(
            Part(name="live", read=reader("live", {"lines": []}), on=("status", "market")),
            Part(name="ended", read=reader("ended", {"lines": []})),
            Part(name="walk", read=reader("walk", {"session": None}), on=("startup",)),
            *(Part(name=name, read=reader(name, {})) for name in ("attention", "totals", "trades")),
            Part(name="curve", read=reader("curve", {"json": "[]"})),
        ),
        topics=lambda ask, _: TOPICS,
    )


@pytest.fixture(autouse=True)
def nothing_told() -> Iterator[None]:
    log.forget()
    yield
    log.forget()


def placed(tag: str, page: LivePage[None], ask: Ask) -> str:
    context = Context({"live_page": Bound(page=page, ask=ask, subject=None)})
    return Template(f"{{% load parts %}}{{% {tag} %}}").render(context)


def marks_of(page: LivePage[None], ask: Ask) -> Any:
    """What the page hands its script."""
    found = re.search(r'data-topics="([^"]*)"', page.answer(ask, None).content.decode())
    assert found is not None
    return json.loads(unescape(found[1]))


def test_one_part_is_read_alone(page: LivePage[None], ask: Callable[[str], Ask], reads: list[str]) -> None:
    answer = page.answer(ask("/?part=ended"), None)
    assert b"None has ended yet." in answer.content
    assert reads == ["ended"]


def test_several_parts_come_line_by_line_each_as_soon_as_it_is_made(
    page: LivePage[None], ask: Callable[[str], Ask], reads: list[str]
) -> None:
    lines = iter(page.answer(ask("/?part=ended&part=live&part=ended"), None))
    name, inside, _ = json.loads(next(lines))
    assert (name, reads) == ("ended", ["ended"])
    assert "None has ended yet." in inside
    assert [json.loads(line)[0] for line in lines] == ["live"]
    assert reads == ["ended", "live"]


def test_a_part_that_cannot_be_made_is_told_and_the_others_come(
    page: LivePage[None], ask: Callable[[str], Ask], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(ask: Ask, subject: None) -> Mapping[str, Any]:
        raise ValueError("this cannot be read")

    parts = [replace(part, read=broken) if part.name == "ended" else part for part in page.parts]
    answer = replace(page, parts=parts).answer(ask("/?part=ended&part=live"), None)
    told = [json.loads(line) for line in iter(answer)]
    assert [(name, inside is None) for name, inside, _ in told] == [("ended", True), ("live", False)]
    assert "this cannot be read" in caplog.text


def test_the_length_of_a_line_tells_nothing_exact(page: LivePage[None], ask: Callable[[str], Ask]) -> None:
    first = [next(iter(page.answer(ask("/?part=ended&part=live"), None))) for _ in range(40)]
    assert len({len(line) for line in first}) > 5


def test_nothing_is_read_where_one_of_several_is_no_part(
    page: LivePage[None], ask: Callable[[str], Ask], reads: list[str]
) -> None:
    with pytest.raises(Http404):
        page.answer(ask("/?part=ended&part=nothing"), None)
    assert reads == []


@pytest.mark.parametrize("name", ["", "nothing", "../base", "live.html"])
def test_what_is_no_part_is_not_found(page: LivePage[None], ask: Callable[[str], Ask], name: str) -> None:
    with pytest.raises(Http404):
        page.answer(ask(f"/?part={name}"), None)


def test_a_part_stands_in_its_place_with_what_renews_it(page: LivePage[None], ask: Callable[[str], Ask]) -> None:
    text = placed('part "live"', page, ask("/"))
    assert text.startswith('<div id="part-live" class="part" data-on="status market" hx-get="/?part=live"')
    assert "No session runs." in text


def test_the_address_of_a_part_keeps_what_the_page_was_asked_for(
    page: LivePage[None], ask: Callable[[str], Ask]
) -> None:
    text = placed('part "live"', page, ask("/?token=0xA&a=%3Cb%3E"))
    address = re.search(r'hx-get="([^"]*)"', text)
    assert address is not None
    assert unescape(address[1]) == "/?token=0xA&a=%3Cb%3E&part=live"


def test_a_part_for_later_is_an_empty_place_and_is_not_read(
    page: LivePage[None], ask: Callable[[str], Ask], reads: list[str]
) -> None:
    text = placed('later "walk"', page, ask("/"))
    assert text.startswith('<div id="part-walk" class="later" data-on="startup" hx-get="/?part=walk"')
    assert text.endswith("></div>")
    assert reads == []


def test_a_page_says_where_each_of_its_topics_stands(page: LivePage[None], ask: Callable[[str], Ask]) -> None:
    messages = [message("alerts:1", "warning", {}) for _ in range(3)]
    log.log().append(Batch(writer="test", number=1, messages=messages))
    marks = marks_of(page, ask("/"))
    assert [mark[0] for mark in marks] == TOPICS
    assert [mark[2] for mark in marks] == [0, 3, 0]
    assert marks[1][1] == log.head("alerts:1").epoch


def test_the_marks_are_asked_for_together(
    page: LivePage[None], ask: Callable[[str], Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Redis that does not answer is waited for once, not once for each topic."""
    asked: list[list[str]] = []

    def away(topics: list[str]) -> Any:
        asked.append(topics)
        raise RedisIsAway

    monkeypatch.setattr(log, "heads", away)
    assert marks_of(page, ask("/")) == [[topic] for topic in TOPICS]
    assert asked == [TOPICS]


def test_a_page_whose_redis_is_away_is_shown_all_the_same(alice: User, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    page = browser_of(alice).get("/").content.decode()
    assert f"[[&quot;portfolio:{alice.pk}&quot;], [&quot;alerts:{alice.pk}&quot;]]" in page
