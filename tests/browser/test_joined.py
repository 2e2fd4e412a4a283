"""Parts that are due together: one request, and what becomes of it."""

import json
import re

import pytest
from playwright.sync_api import Response, Route, expect

from tests.browser.conftest import Visits
from tests.browser.server import Server
from tests.browser.visits import Visit
from tests.browser.wallets import Wallet

PARTS = re.compile(r"[?&]part=")
ASK = """async (names) => {
  const { askFor } = await import("/static/dashboard/js/lib/joined.js");
  askFor(names.map((name) => `part-${name}`));
}"""


@pytest.fixture
def home(server: Server, visit: Visits) -> Visit:
    """The first page, of somebody who has no session: nothing on it changes by itself."""
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    browser.goto("/")
    browser.expect_ready()
    expect(browser.page.get_by_role("region", name="How this works")).to_contain_text("Nothing ran here so far.")
    browser.sent.clear()
    return browser


def ask_for(browser: Visit, *names: str) -> None:
    browser.page.evaluate(ASK, list(names))


def lengthen(browser: Visit, name: str) -> None:
    browser.page.locator(f"#part-{name}").evaluate("(part) => part.append('x'.repeat(100_000))")


def asked(browser: Visit) -> list[list[str]]:
    """The parts of each request for parts."""
    return [re.findall(r"part=(\w+)", one.url) for one in browser.sent if PARTS.search(one.url)]


def test_parts_that_are_due_together_are_asked_for_once(home: Visit) -> None:
    with home.page.expect_response(PARTS):
        ask_for(home, "live", "ended", "live")
    assert [sorted(names) for names in asked(home)] == [["ended", "live"]]


def test_what_falls_due_meanwhile_is_asked_for_after_the_answer(home: Visit) -> None:
    held: list[Route] = []
    home.page.route(PARTS, lambda route: held.append(route), times=1)  # noqa: PLW0108 - it takes no builtin
    with home.page.expect_request(PARTS):
        ask_for(home, "live", "ended")
    ask_for(home, "live", "trades")
    home.page.wait_for_timeout(100)
    assert len(asked(home)) == 1
    with home.page.expect_request(re.compile("part=trades")):
        held[0].continue_()
    assert [sorted(names) for names in asked(home)] == [["ended", "live"], ["live", "trades"]]


def test_the_top_of_the_page_comes_first_and_then_the_longest_part(home: Visit) -> None:
    lengthen(home, "ended")
    with home.page.expect_response(PARTS):
        ask_for(home, "trades", "ended", "live")
    assert asked(home)[0][:2] == ["live", "ended"]


def test_a_part_that_the_server_cannot_make_fails_alone(home: Visit) -> None:
    lines = "".join(f"{json.dumps(line)}\n" for line in (["live", None, ""], ["ended", "<p>It came.</p>", ""]))
    home.page.route(PARTS, lambda route: route.fulfill(status=200, body=lines), times=1)
    ask_for(home, "live", "ended")
    expect(home.page.locator("#part-ended")).to_have_text("It came.")
    expect(home.page.locator("#part-live")).to_have_attribute("data-failed", "")
    expect(home.page.locator("#part-ended[data-failed]")).to_have_count(0)


def test_what_came_before_an_answer_was_cut_off_is_shown_and_the_rest_asked_for_again(home: Visit) -> None:
    line = json.dumps(["live", "<p>It came.</p>"])
    home.page.route(PARTS, lambda route: route.fulfill(status=200, body=f'{line}\n["ended", "<p>'), times=1)
    with home.page.expect_request(re.compile(r"\?(?!.*part=live).*part=ended")):
        ask_for(home, "live", "ended")
        expect(home.page.locator("#part-live")).to_have_text("It came.")
        expect(home.page.locator("#part-ended")).to_have_attribute("data-failed", "")


def test_who_is_not_logged_in_any_more_goes_to_the_login(home: Visit) -> None:
    home.refusals.add(401)
    home.page.context.clear_cookies(name="dex_session")
    with home.page.expect_navigation(url=re.compile(r"/login/")):
        ask_for(home, "live", "ended")


def test_a_row_that_comes_the_same_again_stays_as_it_is_and_one_that_changed_does_not(home: Visit) -> None:
    def rows(second: str) -> None:
        inside = f'<ul><li id="one-1">same</li><li id="one-2">{second}</li></ul>'
        home.page.route(PARTS, lambda route: route.fulfill(status=200, body=inside), times=1)
        with home.page.expect_response(PARTS):
            ask_for(home, "live")
        expect(home.page.locator("#one-2")).to_have_text(second)

    rows("first")
    rows("before")
    for row in ("one-1", "one-2"):
        home.page.locator(f"#{row}").evaluate("(row) => { row.append(' told'); row.title = 'kept'; }")
    rows("after")
    expect(home.page.locator("#one-1")).to_have_text("same told")
    assert home.page.locator("#one-2").get_attribute("title") is None


def test_parts_that_did_not_come_are_said_and_asked_for_again(home: Visit) -> None:
    def came(response: Response) -> bool:
        return "part=live" in response.url and response.status == 200

    home.refusals.add(503)
    home.page.route(PARTS, lambda route: route.fulfill(status=503, body=""), times=1)
    with home.page.expect_response(came):
        ask_for(home, "live", "ended")
        expect(home.page.get_by_text("A part of this page could not be renewed. It is tried again.")).to_be_visible()
    assert sorted(asked(home)[-1]) == ["ended", "live"]
    expect(home.page.locator("[data-failed]")).to_have_count(0)


def test_a_part_that_failed_once_is_as_good_as_before_when_it_comes_the_same(home: Visit) -> None:
    with home.page.expect_response(PARTS):
        ask_for(home, "live", "ended")
    home.refusals.add(503)
    home.page.route(PARTS, lambda route: route.fulfill(status=503, body=""), times=1)
    ask_for(home, "live", "ended")
    expect(home.page.locator("[data-failed]")).to_have_count(2)
    expect(home.page.locator("[data-failed]")).to_have_count(0, timeout=10_000)


@pytest.mark.parametrize("others", [(), ("ended",)])
def test_a_part_is_shown_as_the_server_has_it(home: Visit, others: tuple[str, ...]) -> None:
    part = home.page.locator("#part-live")
    whole = part.inner_text()
    part.evaluate("(part) => { part.textContent = 'something else'; }")
    ask_for(home, "live", *others)
    expect(part).to_have_text(whole, use_inner_text=True)
