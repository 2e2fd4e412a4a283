"""What pages share in the browser: the walk for newcomers, and the signs of life of several chains."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.server import Server
from tests.browser.wallets import Wallet

HEADS = """async (waits) => {
  const { watchHeads } = await import("/static/dashboard/js/lib/head.js");
  const note = document.createElement("p");
  const heads = Object.entries(waits).map(([chain, age]) => {
    const head = document.createElement("span");
    head.innerHTML = "<span data-head></span>";
    Object.assign(head.dataset, { chain, age, patience: 3_000 });
    return head;
  });
  const watched = watchHeads(heads, note);
  watched.connection("online");
  const told = () => [note.hidden ? "" : note.textContent, ...heads.map((head) => head.dataset.state)];
  const before = told();
  watched.block("slow", 1_234);
  return { before, after: told(), block: heads.at(-1).textContent };
}"""


def heads_of(waits: dict[str, int], server: Server, visit: Visits) -> Any:
    """What is said of chains that were heard of so many milliseconds ago, before and after a block of ``slow``."""
    browser = visit()
    browser.goto("/login/")
    return browser.page.evaluate(HEADS, waits)


def test_of_several_chains_the_one_that_is_silent_is_named(server: Server, visit: Visits) -> None:
    told = heads_of({"quick": 0, "slow": 60_000}, server, visit)
    assert told["before"][0].startswith("No new block of slow has come in")
    assert told["before"][1:] == ["live", "stale"]
    assert told["after"] == ["", "live", "live"]
    assert told["block"] == "1,234"


def test_a_single_one_needs_no_name(server: Server, visit: Visits) -> None:
    told = heads_of({"slow": 60_000}, server, visit)
    assert told["before"][0].startswith("No new block has come in")
    assert told["before"][0].endswith("What you see is 60 seconds old.")


def test_a_newcomer_is_walked_through_once_and_again_when_he_asks(server: Server, visit: Visits) -> None:
    wallet = Wallet(server.newcomer().key)
    browser = visit(wallet)
    browser.log_in(wallet)
    browser.goto("/")
    walk = browser.page.get_by_role("region", name="How this works")
    expect(walk).to_contain_text("Nothing ran here so far.")
    walk.get_by_role("button", name="Got it").click()
    expect(walk).to_be_hidden()
    assert browser.focused() == "How this works"
    browser.sent.clear()
    browser.goto("/")
    browser.expect_ready()
    expect(browser.page.get_by_role("button", name="How this works")).to_be_visible()
    expect(walk).to_be_hidden()
    assert not any("part=walk" in one.url for one in browser.sent)
    browser.press("How this works")
    expect(walk).to_contain_text("Nothing ran here so far.")
