"""Getting in: with the link of the first run, with several wallets, by keyboard, on a phone."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.server import Server
from tests.browser.visits import DESKTOP, PHONE
from tests.browser.wallets import REJECTED, Wallet, key_of


def test_the_link_of_the_first_run_makes_a_wallet_the_owners(server: Server, visit: Visits) -> None:
    wallet = Wallet(key_of("the owner"))
    browser = visit(wallet)
    browser.goto(f"/login/#bootstrap={server.bootstrap_secret}")
    expect(browser.page.get_by_text("This is the first login of this bot")).to_be_visible()
    browser.choose(wallet)
    browser.expect_path("/")
    browser.expect_heading("Sessions")
    browser.page.get_by_role("link", name="Account").click()
    expect(browser.page.get_by_text("(owner)")).to_be_visible()
    with_secret = [one for one in browser.sent if server.bootstrap_secret in one.url + one.headers + one.body]
    assert [one.url for one in with_secret] == [f"{server.url}/api/auth/verify/"]
    assert server.bootstrap_secret not in browser.page.evaluate("location.href + document.referrer")
    browser.page.go_back()
    assert server.bootstrap_secret not in browser.page.url

    other = Wallet(key_of("a latecomer"))
    late = visit(other)
    late.refusals.add(403)
    late.goto(f"/login/#bootstrap={server.bootstrap_secret}")
    late.choose(other)
    late.expect_heading("This login link does not work")
    assert late.page.url == f"{server.url}/login/"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_declined_signature_can_be_given_after_all(server: Server, visit: Visits, size: tuple[int, int]) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.fail_once("personal_sign", REJECTED, "User denied message signature.")
    browser = visit(wallet, size=size)
    browser.goto("/login/?next=/account/")
    assert browser.overflow() == 0
    browser.choose(wallet)
    browser.expect_heading("You declined")
    assert browser.overflow() == 0
    browser.press("Try again")
    browser.expect_path("/account/")
    assert browser.overflow() == 0


def test_the_text_to_sign_can_be_read_on_the_page(server: Server, visit: Visits) -> None:
    person = server.newcomer()
    wallet = Wallet(person.key)
    wallet.hold("personal_sign")
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.choose(wallet)
    browser.page.get_by_text("What will be signed").click()
    expect(browser.page.locator("[data-message]")).to_contain_text(person.address)
    expect(browser.page.locator("[data-message]")).to_contain_text(browser.url)
    browser.release("personal_sign")
    browser.expect_path("/account/")


def test_of_two_announced_wallets_the_chosen_one_is_asked(server: Server, visit: Visits) -> None:
    person = server.newcomer()
    first, second = Wallet(key_of("nobody"), name="First <b>Wallet</b>"), Wallet(person.key, name="Second Wallet")
    browser = visit(first, second)
    browser.goto("/login/?next=/account/")
    expect(browser.page.get_by_role("button", name="First <b>Wallet</b>")).to_be_visible()
    expect(browser.page.locator("#login img")).to_have_count(2)
    browser.choose(second)
    browser.expect_path("/account/")
    expect(browser.page.locator(".lead")).to_contain_text(person.address)
    assert first.asked == []


def test_an_icon_that_is_no_picture_is_not_loaded(server: Server, visit: Visits) -> None:
    wallets = [
        Wallet(key_of("nobody"), name=f"Wallet {number}", icon=icon)
        for number, icon in enumerate(
            [
                "https://evil.example/icon.png",
                "javascript:alert(1)",
                "data:text/html,<b>x</b>",
                "data:image/png;base64,xx",
            ]
        )
    ]
    browser = visit(*wallets)
    browser.goto("/login/?next=/account/")
    expect(browser.page.locator("#login button.wallet")).to_have_count(4)
    expect(browser.page.locator("#login img")).to_have_count(0)
    expect(browser.page.locator(".wallet-letter")).to_have_count(4)


def test_a_wallet_that_announces_itself_in_no_way_is_found(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key, announced=False)
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    browser.page.get_by_role("button", name="Browser wallet").click()
    browser.expect_path("/account/")


def test_a_browser_without_a_wallet_is_told_what_to_do(visit: Visits) -> None:
    browser = visit()
    browser.goto("/login/?next=/account/")
    browser.expect_heading("No wallet found in this browser")
    browser.press("Look again")
    browser.expect_heading("No wallet found in this browser")


def test_logging_in_needs_no_mouse(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    wallet.fail_once("eth_requestAccounts", REJECTED)
    browser = visit(wallet)
    browser.goto("/login/?next=/account/")
    expect(browser.page.get_by_role("button", name="Test Wallet")).to_be_visible()
    browser.tab_to("Test Wallet")
    browser.page.keyboard.press("Enter")
    browser.expect_heading("You declined")
    assert browser.focused() == "You declined"
    browser.tab_to("Try again", most=2)
    browser.page.keyboard.press("Enter")
    browser.expect_path("/account/")
    browser.tab_to("Log out")
    browser.page.keyboard.press("Enter")
    expect(browser.page.get_by_text("You are logged out.")).to_be_visible()


def test_after_logging_out_the_pages_are_closed(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    browser.press("Log out")
    expect(browser.page.get_by_text("You are logged out.")).to_be_visible()
    browser.expect_path("/login/")
    browser.goto("/account/")
    browser.expect_path("/login/?next=/account/")
    browser.page.go_back()
    expect(browser.page.get_by_role("heading", name="Log in with your wallet")).to_be_visible()
    assert "dex_session" not in {cookie["name"] for cookie in browser.context.cookies() if cookie["value"]}


def test_one_comes_back_to_where_one_was_going(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.goto("/account/?from=a-link")
    browser.choose(wallet)
    browser.expect_path("/account/?from=a-link")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_link_leads_through_the_login_to_somewhere_else(server: Server, visit: Visits, elsewhere: str) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.goto(f"/login/?next={elsewhere}")
    browser.choose(wallet)
    browser.expect_path("/")


def test_the_proof_is_sent_with_the_token_of_the_page(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    verify = next(one for one in browser.sent if one.url.endswith("/api/auth/verify/"))
    assert "x-csrftoken" in verify.headers
    assert set(json.loads(verify.body)) == {"message", "signature"}
    assert re.fullmatch(r"0x[0-9a-f]{130}", json.loads(verify.body)["signature"])
