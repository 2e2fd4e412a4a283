"""What a browser that knows nothing of us has to fetch before a page is whole."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.feed import web
from tests.browser.chromium import CHROMIUM, FLAGS

QUIET_MS = 1_000
KB = 1_000
KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js", "Fetch": "data", "XHR": "data"}
COLUMNS = ("html", "css", "js", "data", "other")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS), headless=True)
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, url: str, session_key: str) -> Iterator[Page]:
    """A browser of its own, in which the login of ``session_key`` was made."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "dex_session", "value": session_key, "url": url}])
    try:
        yield context.new_page()
    finally:
        context.close()


def weigh(
    environment: Mapping[str, str], session_key: str, pages: Mapping[str, str], *, most_kb: float
) -> list[dict[str, Any]]:
    """kB by kind of each page, headers included; the socket of the feed is not among them."""
    with web(environment, "dexproject.asgi:application") as (port, _), chromium() as browser:
        url = f"http://127.0.0.1:{port}"
        return [_row(name, _weight(browser, url, session_key, path), most_kb) for name, path in pages.items()]


def _weight(browser: Browser, url: str, session_key: str, path: str) -> Counter[str]:
    bytes_by_kind: Counter[str] = Counter()
    kinds: dict[str, str] = {}
    with visit(browser, url, session_key) as page:
        protocol = page.context.new_cdp_session(page)

        def came(told: Mapping[str, Any]) -> None:
            bytes_by_kind[kinds.get(told["requestId"], "other")] += int(told["encodedDataLength"])

        protocol.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: _kind(told)}))
        protocol.on("Network.loadingFinished", came)
        protocol.send("Network.enable")
        page.goto(url + path)
        seen = -1
        while seen < bytes_by_kind.total():
            seen = bytes_by_kind.total()
            page.wait_for_timeout(QUIET_MS)
    return bytes_by_kind


def _kind(told: Mapping[str, Any]) -> str:
    return KINDS.get(told["type"], "other")


def _row(page: str, weight: Counter[str], most_kb: float) -> dict[str, Any]:
    shares = {name: round(weight[name] / KB, 1) for name in COLUMNS}
    total = round(weight.total() / KB, 1)
    return {"page": page, **shares, "total": total, "over": total > most_kb}
