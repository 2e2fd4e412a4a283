"""From the first login to the last, over one bot that trades on a market of its own."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.hands import Hand, Keyboard, Mouse
from tests.browser.living import Living, living_program, owners_wallet
from tests.browser.session_page import PATIENCE_MS, SessionPage
from tests.browser.test_accessibility import axe, troubles
from tests.browser.visits import DESKTOP, PHONE, Visit

__all__ = ["axe"]
pytestmark = [pytest.mark.anvil, pytest.mark.slow]

FIRST_SESSION = "/sessions/1/"
"""The one that the program shows on its terminal."""
PAGES = (
    "/",
    FIRST_SESSION,
    "/sessions/new/",
    "/portfolio/",
    "/portfolio/1/",
    "/performance/",
    "/settings/",
    "/system/",
    "/account/",
)
CONTRAST = "color-contrast"
Look = tuple[tuple[int, int], Any, dict[str, Any]]
LOOKS: dict[str, Look] = {
    "desktop": (DESKTOP, "light", {}),
    "desktop, dark": (DESKTOP, "dark", {"runOnly": [CONTRAST]}),
    "phone": (PHONE, "light", {"rules": {CONTRAST: {"enabled": False}}}),
}
"""Size, scheme and what axe looks for: colours do not change with the size, nor anything else with the colours."""


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living_program(tmp_path_factory.mktemp("living") / "var", block_time=0.5) as program:
        yield program


@pytest.fixture(scope="module")
def server(living: Living) -> Living:
    """What the browsers of ``visit`` open."""
    return living


@pytest.mark.parametrize(
    ("size", "hand", "account"),
    [(DESKTOP, Keyboard(), "keyboard"), (PHONE, Mouse(), "phone")],
    ids=["by keyboard", "on a phone"],
)
def test_a_session_from_its_start_to_its_end(
    living: Living, visit: Visits, size: tuple[int, int], hand: Hand, account: str
) -> None:
    browser: Visit = visit(owners_wallet(), size=size)
    living.log_in(browser)
    start_session(browser, hand, account)

    page = SessionPage(browser, hand)
    trade = page.watch_a_trade()
    page.read_why(trade)
    page.verify(trade)
    page.open_trade(trade)
    verify_on_its_page(browser, hand)

    page = SessionPage(browser, hand)
    page.sell_one()
    page.exit_all()
    page.hesitate_to_stop()
    page.stop()
    log_out(browser, hand)


def test_every_page_of_a_bot_that_trades_is_accessible(living: Living, visit: Visits, axe: str) -> None:
    browser: Visit = visit(owners_wallet(), size=PHONE)
    living.log_in(browser)
    browser.goto(FIRST_SESSION)
    filled = browser.page.locator("#trade-list tr", has_text="filled").first.get_by_role("link")
    expect(filled).to_be_visible(timeout=PATIENCE_MS)
    found: list[str] = []
    for path in (*PAGES, str(filled.get_attribute("href"))):
        browser.goto(path)
        browser.expect_ready()
        expect(browser.page.locator('main [aria-busy="true"]')).to_have_count(0)
        expect(browser.page.locator(".top-nav [aria-current]")).to_be_in_viewport(ratio=0.9)
        for look, ((width, height), scheme, options) in LOOKS.items():
            browser.page.set_viewport_size({"width": width, "height": height})
            browser.page.emulate_media(color_scheme=scheme)
            found += [f"{path}, {look}: {one}" for one in troubles(browser, axe, options)]
            if browser.overflow() > 0:
                found.append(f"{path}, {look}: {browser.overflow()} pixels wider than the window")
    assert found == []


def start_session(browser: Visit, hand: Hand, account: str) -> None:
    """At the boldest level, with a setting of its own, on a new account."""
    page = browser.page
    hand.press(page.get_by_role("link", name="New session"))
    browser.expect_path("/sessions/new/")
    browser.expect_ready()
    hand.choose_last(page.locator('[name="account"]'))
    hand.write(page.get_by_label("Name of the account"), account)
    hand.choose_last(page.get_by_label("Level from 1 (careful) to 10 (bold)"))
    hand.press(page.get_by_text("Single settings"))
    hand.write(page.locator('[name="overrides.min_confidence_pct"]'), "20")
    check = page.get_by_role("region", name="What will happen")
    expect(check).to_contain_text("Ready to start")
    expect(check).to_contain_text(f"{account}, which is made for it")
    assert browser.overflow() == 0
    hand.press(page.get_by_role("button", name="Start", exact=True))
    expect(page).to_have_url(re.compile(r"/sessions/\d+/$"))


def verify_on_its_page(browser: Visit, hand: Hand) -> None:
    """And back to the session."""
    verdict = browser.page.locator("#verdict")
    browser.expect_ready()
    hand.press(browser.page.get_by_role("button", name="Verify", exact=True))
    expect(verdict).to_contain_text("Verified: computed again, it came out the same to the unit.")
    assert browser.overflow() == 0
    hand.press(browser.page.locator("main").get_by_role("link", name="Session").first)
    expect(browser.page).to_have_url(re.compile(r"/sessions/\d+/$"))


def log_out(browser: Visit, hand: Hand) -> None:
    browser.refusals.add(401)  # what the page had asked for just before
    hand.press(browser.page.get_by_role("button", name="Log out"))
    expect(browser.page.get_by_text("You are logged out.")).to_be_visible()
    browser.goto("/")
    expect(browser.page.get_by_role("heading", name="Log in with your wallet")).to_be_visible()
