"""Wallets, logins and tokens of a user, and nothing of anybody else's."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.server import Server
from tests.browser.visits import DESKTOP, PHONE, Visit
from tests.browser.wallets import Wallet, key_of

HOSTILE = "<img src=x onerror=alert(1)>\"'&{{ 7 }}"


def owner_of_a_token(url: str, secret: str) -> tuple[int, str]:
    """Status and user that the API tells a script with that token."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", "/api/token/", headers={"Authorization": f"Bearer {secret}"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read()).get("user", "")


def make_token(browser: Visit, name: str) -> str:
    form = browser.page.locator("#make-token")
    form.get_by_label("Name").fill(name)
    form.get_by_role("button", name="Make").click()
    expect(browser.page.get_by_role("heading", name="Copy the new token now")).to_be_visible()
    return str(browser.page.locator("#secret-text").text_content())


def watch(browser: Visit, address: str, label: str = "") -> None:
    form = browser.page.locator("#watch")
    form.get_by_label("Address").fill(address)
    form.get_by_label("Label").fill(label)
    form.get_by_role("button", name="Watch").click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_token_works_until_it_is_revoked(server: Server, visit: Visits, size: tuple[int, int]) -> None:
    person = server.newcomer()
    browser = visit(Wallet(person.key), size=size)
    browser.log_in(Wallet(person.key))
    secret = make_token(browser, "nightly script")
    assert owner_of_a_token(server.url, secret) == (200, person.name)
    assert browser.overflow() == 0

    browser.press("I have it")
    assert secret not in browser.page.content()
    browser.page.reload()
    assert secret not in browser.page.content()

    browser.page.locator("#tokens").get_by_role("button", name="Revoke nightly script").click()
    browser.press("Revoke")
    expect(browser.page.get_by_text("The token is revoked.")).to_be_visible()
    expect(browser.page.get_by_text("Ended tokens (1)")).to_be_visible()
    assert owner_of_a_token(server.url, secret)[0] == 401


def test_a_token_is_made_as_it_was_asked_for(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    form = browser.page.locator("#make-token")
    form.get_by_label("trade").check()
    form.get_by_label("Ends after").select_option(label="never")
    make_token(browser, "trader")
    row = browser.page.locator("#token-lists .row")
    expect(row).to_contain_text("never expires")
    expect(row.locator(".mark")).to_have_text(["read", "trade"])


def test_a_form_says_what_is_missing_and_loses_nothing(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.refusals.add(400)
    browser.log_in(wallet)
    address = key_of("a whale").address
    watch(browser, address[:2] + address[2:].swapcase(), label="typed in vain")
    form = browser.page.locator("#watch")
    expect(form.get_by_role("alert")).to_contain_text("typing mistake")
    expect(form.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Address")).to_be_focused()
    expect(form.get_by_label("Label")).to_have_value("typed in vain")


def test_what_is_no_address_is_not_sent(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    watch(browser, "vitalik.eth")
    expect(browser.page.locator("#watch").get_by_role("alert")).to_contain_text("An address is 0x and 40 characters")
    assert not any(one.method == "POST" and one.url.endswith("/api/wallets/") for one in browser.sent)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_address_is_watched_named_and_left(server: Server, visit: Visits, size: tuple[int, int]) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet, size=size)
    browser.refusals.add(503)  # no node runs beside these tests, so there are no balances
    browser.log_in(wallet)
    address = key_of("a whale").address
    watch(browser, address.lower(), label=HOSTILE)
    row = browser.page.locator("[data-balances]").locator("xpath=ancestor::li")
    expect(row.locator("bdi")).to_have_text(HOSTILE)
    expect(row.locator(".address")).to_have_text(address)

    row.get_by_role("button", name="Rename").click()
    dialog = browser.page.get_by_role("dialog")
    dialog.get_by_label("Label").fill("whale")
    browser.page.keyboard.press("Enter")
    expect(row.locator("bdi")).to_have_text("whale")
    expect(row.get_by_role("button", name="Rename")).to_be_focused()

    row.get_by_role("button", name="Remove").click()
    expect(dialog).to_contain_text(address)
    assert dialog.evaluate("element => element.scrollWidth <= element.clientWidth")
    browser.page.keyboard.press("Escape")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(browser.page.get_by_text("No address is watched.")).to_be_visible()
    expect(browser.page.get_by_role("heading", name="Wallets")).to_be_focused()


def test_balances_that_cannot_be_had_are_said(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.refusals.add(503)
    browser.log_in(wallet)
    watch(browser, key_of("a whale").address)
    expect(browser.page.locator("[data-balances]")).to_contain_text("not known")


def test_a_second_user_sees_nothing_of_the_first(server: Server, visit: Visits) -> None:
    first, second = server.newcomer(), server.newcomer()
    browser = visit(Wallet(first.key))
    browser.refusals.add(503)
    browser.log_in(Wallet(first.key))
    make_token(browser, "of the first")
    watch(browser, key_of("a whale").address, label="the first's whale")
    expect(browser.page.get_by_text("the first's whale")).to_be_visible()

    other = visit(Wallet(second.key))
    other.log_in(Wallet(second.key))
    told = other.page.content()
    assert second.address in told
    for secret in ("of the first", "the first's whale", first.address, key_of("a whale").address, first.name + ")"):
        assert secret not in told


def test_another_browser_that_is_ended_has_to_log_in_again(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    here, there = visit(wallet), visit(wallet)
    there.refusals.add(401)
    here.log_in(wallet)
    there.log_in(wallet)
    here.page.reload()
    rows = here.page.locator("#session-list .row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("this browser")
    rows.nth(1).get_by_role("button", name="End").click()
    here.press("End it")
    expect(rows).to_have_count(1)

    make = there.page.locator("#make-token")
    make.get_by_label("Name").fill("too late")
    make.get_by_role("button", name="Make").click()
    there.expect_path("/login/?next=%2Faccount%2F")
    there.goto("/account/")
    there.expect_path("/login/?next=/account/")
    there.choose(wallet)
    there.expect_path("/account/")


def test_all_other_browsers_are_ended_at_once_and_by_keyboard(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    others = [visit(wallet), visit(wallet)]
    for one in others:
        one.log_in(wallet)
    here = visit(wallet)
    here.log_in(wallet)
    here.tab_to("End all others")
    here.page.keyboard.press("Enter")
    here.tab_to("End them", most=3)
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_text("No other browser is logged in.")).to_be_visible()
    for one in others:
        one.goto("/")
        one.expect_path("/login/")


def test_times_are_told_in_the_readers_zone_with_the_exact_ones_on_hover(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    assert minutes_ahead(browser, "#session-list") == 5 * 60 + 30  # India, where the browser of these tests is
    make_token(browser, "new")
    expect(browser.page.locator("#token-lists .row")).to_be_visible()
    assert minutes_ahead(browser, "#token-lists") == 5 * 60 + 30


def minutes_ahead(browser: Visit, part: str) -> int:
    """Of UTC, by what the first time below ``part`` shows and what its title says."""
    time = browser.page.locator(f"{part} time").first
    utc, local = str(time.get_attribute("title")), str(time.text_content())
    assert utc.endswith(" UTC")
    shown = int(local[-5:-3]) * 60 + int(local[-2:])
    return (shown - int(utc[11:13]) * 60 - int(utc[14:16])) % (24 * 60)


def test_what_is_traded_with_is_always_in_sight(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet, size=PHONE)
    browser.goto("/login/?next=/account/")
    expect(browser.page.get_by_text("PAPER", exact=True)).to_be_in_viewport()
    browser.choose(wallet)
    browser.expect_path("/account/")
    expect(browser.page.get_by_text("PAPER", exact=True)).to_be_in_viewport()


def test_the_colours_that_were_chosen_stay(server: Server, visit: Visits) -> None:
    browser = visit()
    browser.goto("/login/?next=/account/")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = browser.page.evaluate(ground)
    browser.page.get_by_role("button", name="Colours").click()
    browser.page.get_by_role("button", name="Colours").click()
    dark = browser.page.evaluate(ground)
    assert dark != light
    browser.page.reload()
    assert browser.page.evaluate(ground) == dark
