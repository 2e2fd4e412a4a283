"""What can go wrong at the login, and what the page says about it."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visits
from tests.browser.server import Server
from tests.browser.visits import Visit
from tests.browser.wallets import ALREADY_PENDING, Wallet, key_of


def test_a_locked_wallet_can_be_unlocked(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.locked = True
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("Test Wallet shows no account")
    wallet.locked = False
    browser.press("Try again")
    browser.expect_path("/account/")


def test_a_request_that_waits_in_the_wallet_is_pointed_at(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.fail_once("eth_requestAccounts", ALREADY_PENDING, "Request already pending")
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("Test Wallet is still waiting for you")
    browser.press("Try again")
    browser.expect_path("/account/")


def test_another_chain_can_be_changed_with_a_button(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.chain_id = 424242
    browser = visit(wallet)
    browser.refusals.add(400)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("Your wallet is on another chain")
    browser.press("Change to chain 1")
    browser.expect_path("/account/")
    assert wallet.chain_id == 1


def test_a_chain_that_the_wallet_does_not_know_is_said(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.chain_id, wallet.known_chains = 424242, set()
    browser = visit(wallet)
    browser.refusals.add(400)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.press("Change to chain 1")
    browser.expect_heading("Test Wallet does not know that chain")


def test_another_account_begins_the_login_anew(server: Server, visit: Visits) -> None:
    person = server.newcomer()
    wallet = Wallet(key_of("nobody"), person.key)
    wallet.hold("personal_sign")
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    expect(browser.page.locator("[data-message]")).to_contain_text(key_of("nobody").address)
    wallet.accounts.reverse()
    browser.emit("accountsChanged", [one.address for one in wallet.accounts])
    expect(browser.page.locator("[data-message]")).to_contain_text(person.address)
    browser.release("personal_sign")
    browser.expect_path("/account/")
    expect(browser.page.locator(".lead")).to_contain_text(person.address)


def test_a_wallet_that_is_locked_in_the_middle_is_said(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.hold("personal_sign")
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("Sign in Test Wallet")
    wallet.locked = True
    browser.emit("accountsChanged", [])
    browser.expect_heading("Test Wallet shows no account")


def test_after_a_failure_another_account_is_asked_for_nothing_unasked(server: Server, visit: Visits) -> None:
    person = server.newcomer()
    wallet = Wallet(key_of("one more stranger"), person.key)
    browser = visit(wallet)
    browser.refusals.add(403)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("This address may not log in")
    wallet.accounts.reverse()
    browser.emit("accountsChanged", [one.address for one in wallet.accounts])
    expect(browser.page.get_by_role("status")).to_contain_text("changed the account")
    assert wallet.asked.count("personal_sign") == 1
    browser.press("Try again")
    browser.expect_path("/account/")


def test_an_address_of_the_bot_that_it_does_not_know_is_said(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.url = server.url.replace("127.0.0.1", "localhost")
    browser.refusals.add(403)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("This page came by another address")
    expect(browser.page.get_by_text(f"PUBLIC_URL does not name {browser.url}")).to_be_visible()


def test_the_account_that_a_wallet_had_already_begins_nothing(server: Server, visit: Visits) -> None:
    person = server.newcomer()
    wallet = Wallet(person.key)
    wallet.hold("personal_sign")
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    expect(browser.page.locator("[data-message]")).to_contain_text(person.address)
    browser.emit("accountsChanged", [person.address.lower()])
    browser.release("personal_sign")
    browser.expect_path("/account/")
    assert wallet.asked.count("personal_sign") == 1


def test_a_wallet_that_is_not_allowed_sees_the_command_that_allows_it(server: Server, visit: Visits) -> None:
    address = key_of("a stranger").address
    wallet = Wallet(key_of("a stranger"))
    browser = visit(wallet)
    browser.refusals.add(403)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("This address may not log in")
    expect(browser.page.locator("[data-command]")).to_contain_text(f"manage.py wallet_allow {address}")
    assert browser.focused() == "This address may not log in"
    server.allow(address, server.newcomer())
    browser.press("Try again")
    browser.expect_path("/account/")


def test_a_request_can_be_cancelled(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.hold("personal_sign")
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("Sign in Test Wallet")
    browser.press("Cancel")
    browser.expect_heading("Choose a wallet")
    browser.release("personal_sign")
    browser.page.wait_for_timeout(300)
    browser.expect_path("/login/?next=/account/")


def test_a_text_that_is_over_is_asked_for_again(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.hold("personal_sign")
    browser = visit(wallet)
    browser.refusals |= {401, 403, 409, 410}
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("Sign in Test Wallet")
    browser.context.clear_cookies(name="dex_login")  # for the server, the same as a text that is too old
    browser.release("personal_sign")
    browser.expect_heading("That took too long")
    wallet.hold_no_more("personal_sign")
    browser.press("Try again")
    browser.expect_path("/account/")


def test_a_foreign_signature_is_said(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.sign_with = key_of("somebody else")
    browser = visit(wallet)
    browser.refusals |= {400, 401, 403}
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading("The signature is not this account's")


@pytest.mark.parametrize(
    ("status", "heading", "text"),
    [(429, "Too many tries", "17 seconds"), (500, "The server has a problem", "Its log says what")],
)
def test_a_server_that_refuses_is_said(server: Server, visit: Visits, status: int, heading: str, text: str) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.refusals.add(status)
    answer_once(browser, status)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.expect_heading(heading)
    expect(browser.page.get_by_text(text)).to_be_visible()
    browser.press("Try again")
    browser.expect_path("/account/")


def test_a_server_that_is_away_is_said(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.context.set_offline(True)
    browser.choose(wallet)
    browser.expect_heading("The server does not answer")
    browser.context.set_offline(False)
    browser.press("Try again")
    browser.expect_path("/account/")
    browser.complaints[:] = [line for line in browser.complaints if "ERR_INTERNET_DISCONNECTED" not in line]


def answer_once(browser: Visit, status: int) -> None:
    """The next challenge is answered by somebody in between, as a proxy does."""

    def answer(route: Route) -> None:
        route.fulfill(status=status, headers={"Retry-After": "17"}, content_type="text/html", body="<b>no</b>")

    browser.page.route("**/api/auth/challenge/", answer, times=1)
