"""axe-core on the pages as people see them: empty, full, in trouble, in a dialog."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.server import Server
from tests.browser.test_account import make_token, watch
from tests.browser.visits import DESKTOP, PHONE, Visit
from tests.browser.wallets import REJECTED, Wallet, key_of

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}
looks = pytest.mark.parametrize(
    ("size", "dark"), [(DESKTOP, False), (DESKTOP, True), (PHONE, False), (PHONE, True)], ids=str
)


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        reason = "no axe-core in node_modules: make setup-dev brings it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return AXE.read_text()


def troubles(browser: Visit, axe: str, options: Mapping[str, Any] | None = None) -> list[str]:
    """What axe finds serious, with the elements. The policy forbids a script element, so the debugger brings it in.

    ``options`` are those of ``axe.run``.
    """
    browser.page.evaluate(f"if (window.axe === undefined) {{ {axe} }}")
    wanted = {"resultTypes": ["violations"], **(options or {})}
    report: dict[str, list[dict[str, Any]]] = browser.page.evaluate("options => axe.run(document, options)", wanted)
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]} ({node.get('failureSummary', '')})"
        for one in report["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@looks
def test_the_login_is_accessible(visit: Visits, axe: str, size: tuple[int, int], dark: bool) -> None:
    wallet = Wallet(key_of("a stranger to axe"))
    wallet.fail_once("eth_requestAccounts", REJECTED)
    wallet.hold("personal_sign")
    browser = visit(wallet, Wallet(key_of("nobody"), name="Other"), size=size, dark=dark)
    browser.refusals.add(403)
    browser.goto("/login/")
    expect(browser.page.get_by_role("heading", name="Choose a wallet")).to_be_visible()
    assert troubles(browser, axe) == []
    browser.choose(wallet)
    browser.expect_heading("You declined")
    assert troubles(browser, axe) == []
    browser.press("Try again")
    browser.page.get_by_text("What will be signed").click()
    assert troubles(browser, axe) == []
    browser.release("personal_sign")
    browser.expect_heading("This address may not log in")
    assert troubles(browser, axe) == []


def test_the_login_without_a_wallet_is_accessible(visit: Visits, axe: str) -> None:
    browser = visit()
    browser.goto("/login/")
    browser.expect_heading("No wallet found in this browser")
    assert troubles(browser, axe) == []


@looks
def test_the_account_is_accessible(server: Server, visit: Visits, axe: str, size: tuple[int, int], dark: bool) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet, size=size, dark=dark)
    browser.refusals.add(503)
    browser.log_in(wallet)
    assert troubles(browser, axe) == []
    make_token(browser, "script")
    watch(browser, key_of("a whale").address, label="whale")
    expect(browser.page.get_by_role("button", name="Remove")).to_be_visible()
    watch(browser, "0x12")
    expect(browser.page.locator("#watch").get_by_role("alert")).to_be_visible()
    assert troubles(browser, axe) == []
    browser.page.get_by_role("button", name="Remove").click()
    expect(browser.page.get_by_role("dialog")).to_be_visible()
    assert troubles(browser, axe) == []
