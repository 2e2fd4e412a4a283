"""Balances of watched addresses, from a chain that runs beside the web process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.server import Server, running_server
from tests.browser.test_account import watch
from tests.browser.wallets import Wallet, key_of

pytestmark = pytest.mark.anvil
RICH = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
"""Anvil's first account, which every local chain gives money to."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("balances"), chain=True) as running:
        yield running


def test_what_an_address_holds_is_shown_with_its_block(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    watch(browser, RICH, label="rich")
    balances = browser.page.locator("[data-balances]")
    expect(balances).to_contain_text("devnet, block", timeout=20_000)
    ether = balances.locator("dd").first
    expect(balances.locator("dt").first).to_have_text("ETH")
    assert str(ether.get_attribute("title")).endswith(" ETH")
    assert str(ether.text_content()).replace(",", "").partition(".")[0].isdigit()


def test_an_address_that_holds_nothing_is_no_error(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    watch(browser, key_of("a pauper").address)
    expect(browser.page.locator("[data-balances]")).to_contain_text("Holds nothing", timeout=20_000)
