"""Makes the pictures of ``docs/dashboard.md``: a bot trades on a chain of its own until there is something to see.

    make screenshots

Chain and bot begin with the same seed each time; what they come to differs, since the market lives in real time.
"""

import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page, expect

from docs.pictures import smaller
from tests.browser.chromium import running_chromium
from tests.browser.living import Living, living_program, owners_wallet
from tests.browser.visits import PHONE, Visit, begin_visit

IMAGES = Path(__file__).with_name("images")
SEED, LEVEL, BLOCK_TIME = 7, 8, 0.2
SECOND_LEVEL = 10
WIDE, TALLEST = (1280, 900), 1_400
MOST_BYTES = 150_000
WAIT_MS, SETTLE_MS = 300_000, 1_000
LATE = re.compile(r"^([89]\d\d|\d{4,})$")
"""The number of a block by which there is something to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """As it is drawn in ``docs/images/``: ``size`` is the window's, ``tallest`` where the picture is cut off,
    ``section`` the heading of the part that it shows alone."""

    name: str
    path: str
    section: str = ""
    dark: bool = False
    size: tuple[int, int] = WIDE
    tallest: int = TALLEST


def main() -> int:
    """1 where a picture is larger than a page of documentation should load."""
    IMAGES.mkdir(exist_ok=True)
    with ExitStack() as running:
        var = Path(running.enter_context(tempfile.TemporaryDirectory())) / "var"
        chromium = running.enter_context(running_chromium())
        living = running.enter_context(living_program(var, block_time=BLOCK_TIME, seed=SEED, level=LEVEL))
        sizes = _take_all(chromium, living)
    for name, size in sizes.items():
        print(f"{name}: {size:,} bytes")
    return int(max(sizes.values()) > MOST_BYTES)


def _take_all(chromium: Browser, living: Living) -> dict[str, int]:
    visit = begin_visit(chromium, living.url, [owners_wallet()], size=WIDE)
    living.log_in(visit)
    _plan_a_session(visit)
    sizes = {"new-session": _take(visit.page, Picture(name="new-session", path=""))}
    session = _start(visit)
    trade = _wait_for_trades(visit)
    pictures = (
        Picture(name="session", path=session),
        Picture(name="session-dark", path=session, dark=True),
        Picture(name="session-phone", path=session, size=PHONE, tallest=2 * PHONE[1]),
        Picture(name="decisions", path=session, section="Decisions"),
        Picture(name="trade", path=trade),
        Picture(name="receipt", path=trade, section="Receipt"),
        Picture(name="newcomer", path="/", section="How this works"),
        Picture(name="home", path="/"),
        Picture(name="home-dark", path="/", dark=True),
        Picture(name="performance", path="/performance/"),
        Picture(name="portfolio", path="/portfolio/"),
        Picture(name="books", path="/portfolio/1/"),
        Picture(name="settings", path="/settings/"),
        Picture(name="system", path="/system/"),
    )
    for picture in pictures:
        visit.goto(picture.path)
        visit.expect_ready()
        if picture.name in PREPARED:
            PREPARED[picture.name](visit.page)
        sizes[picture.name] = _take(visit.page, picture)
    return sizes


def _plan_a_session(visit: Visit) -> None:
    page = visit.page
    visit.goto("/sessions/new/")
    visit.expect_ready()
    page.get_by_label("Name of the account").fill("evening")
    page.get_by_label("Name of the session").fill("evening")
    page.locator('[name="intel"]').fill(str(SECOND_LEVEL))
    expect(page.get_by_role("region", name="What will happen")).to_contain_text("evening, which is made for it")


def _start(visit: Visit) -> str:
    """The path of the session's page."""
    visit.page.get_by_role("button", name="Start", exact=True).click()
    expect(visit.page).to_have_url(re.compile(r"/sessions/\d+/$"))
    return visit.page.url.removeprefix(visit.url)


def _wait_for_trades(visit: Visit) -> str:
    """The path of the newest trade that a block filled, once there are some and something is held."""
    page = visit.page
    expect(page.locator("[data-head]").first).to_have_text(LATE, timeout=WAIT_MS)
    expect(page.locator('tr[id^="position-"]').first).to_be_visible(timeout=WAIT_MS)
    filled = page.locator("#trade-list tr", has_text="filled").first
    return str(filled.get_by_role("link").get_attribute("href"))


def _expect_candles(page: Page) -> None:
    expect(page.locator("#chart-words")).not_to_contain_text("being fetched")


def _open_a_reason(page: Page) -> None:
    page.get_by_role("checkbox", name="only trades").check()
    expect(page.locator("#decision-list li").first.get_by_role("link")).to_be_visible()
    page.locator("#decision-list summary").first.click()
    expect(page.locator("#decision-list details[open] table").first).to_be_visible()


def _verify(page: Page) -> None:
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#verdict")).to_contain_text("the same to the unit")


def _end_the_walk(page: Page) -> None:
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("heading", name="How this works")).to_be_hidden()


PREPARED: dict[str, Callable[[Page], None]] = {
    "session": _expect_candles,
    "session-dark": _expect_candles,
    "session-phone": _expect_candles,
    "decisions": _open_a_reason,
    "receipt": _verify,
    "home": _end_the_walk,
}


def _take(page: Page, picture: Picture) -> int:
    """Its size in bytes."""
    width, height = picture.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if picture.dark else "light")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(SETTLE_MS)
    if picture.section:
        titled = page.get_by_role("heading", name=picture.section, exact=True)
        shot = page.locator("section", has=titled).screenshot()
    else:
        whole = int(page.evaluate("document.documentElement.scrollHeight"))
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": min(whole, picture.tallest)}
        shot = page.screenshot(full_page=True, clip=clip)
    browser = page.context.browser
    assert browser is not None  # noqa: S101 - a page of a browser of ours
    data = smaller(browser, shot)
    (IMAGES / f"{picture.name}.png").write_bytes(data)
    return len(data)


if __name__ == "__main__":
    sys.exit(main())
