"""The page of a session in the hands of its reader, on a market that may say no: what it refuses is ordered again."""

import time
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.hands import Hand
from tests.browser.visits import Visit

PATIENCE = 90.0
"""Seconds after which a test fails instead of waiting on; nothing is measured by it."""
PATIENCE_MS = 1_000 * PATIENCE
A_MOMENT_MS = 3_000
TRIES = 20


class SessionPage:
    """What is done here is seen without the page being loaded anew, or the step fails."""

    def __init__(self, browser: Visit, hand: Hand) -> None:
        self._browser, self._page, self._hand = browser, browser.page, hand
        browser.expect_ready()
        self._page.evaluate("document.body.dataset.stayed = 'yes'")

    def watch_a_trade(self) -> str:
        """The number of a trade that a decision led to while one looked on, and that a block has filled."""
        decisions = self._page.locator("#decisions")
        expect(decisions.locator("li").first).to_be_visible(timeout=PATIENCE_MS)
        self._hand.press(decisions.get_by_role("checkbox", name="only trades"))
        bought = self._page.locator("#trade-list tr", has_text="buy").filter(has_text="filled").first
        expect(bought).to_be_visible(timeout=PATIENCE_MS)
        number = str(bought.get_attribute("id")).removeprefix("trade-")
        expect(decisions.get_by_role("link", name=f"trade {number}", exact=True)).to_be_visible()
        self._expect_not_left()
        return number

    def read_why(self, trade: str) -> None:
        """What the signals read for the decision that led to it."""
        link = self._page.get_by_role("link", name=f"trade {trade}", exact=True)
        decision = self._page.locator("#decision-list li", has=link)
        self._hand.press(decision.locator("summary"))
        expect(decision.get_by_role("table")).to_contain_text("Confidence")

    def verify(self, trade: str) -> None:
        self._hand.press(self._button(f"Verify trade {trade}"))
        expect(self._page.locator(f'[data-verdict="{trade}"]')).to_have_text("✓ verified")
        self._expect_not_left()

    def open_trade(self, trade: str) -> None:
        self._hand.press(self._page.locator(f"#trade-{trade}").get_by_role("link"))
        self._browser.expect_path(f"/trades/{trade}/")

    def sell_one(self) -> None:
        """One whole position by hand."""
        sales = self._page.locator("#trade-list tr", has_text="sell")
        for _ in range(TRIES):
            button = self._page.locator('[data-do="sell"]:enabled').first
            expect(button).to_be_visible(timeout=PATIENCE_MS)
            before = _first_id(sales)
            self._hand.press(button)
            if not self._is_asked():
                continue  # the bot sold it in the moment in which it was pressed
            question = str(self._dialog().get_by_role("heading").text_content())
            symbol = question.removeprefix("Sell all ").removesuffix("?")
            if not self._order(question, "Sell", f"Sell {symbol}"):
                continue  # the bot was quicker
            sale = sales.filter(has_text=symbol).first
            self._until(lambda: _first_id(sales) != before and "pending" not in str(sale.text_content()))  # noqa: B023
            if "filled" in str(sale.text_content()):
                self._expect_not_left()
                return
        raise AssertionError(f"nothing could be sold in {TRIES} tries")

    def exit_all(self) -> None:
        """With buying paused before, as the question advises."""
        held = self._page.locator('tr[id^="position-"]')
        expect(held.first).to_be_visible(timeout=PATIENCE_MS)
        self._hand.press(self._button("Pause buying"))
        expect(self._page.get_by_text("buying paused")).to_be_visible()
        for _ in range(TRIES):
            self._hand.press(self._button("Exit all"))
            self._order("Sell every open position?", "Sell all", "Exit all")
            waiting = self._page.get_by_role("button", name="Selling…")
            self._until(lambda: held.count() == 0 or waiting.count() == 0)  # noqa: B023
            if held.count() == 0:
                self._expect_not_left()
                return
        raise AssertionError(f"something is still held after {TRIES} tries")

    def hesitate_to_stop(self) -> None:
        """Escape answers no, and gives the focus back."""
        self._hand.press(self._button("Stop"))
        expect(self._dialog()).to_be_visible()
        self._page.keyboard.press("Escape")
        expect(self._dialog()).to_be_hidden()
        expect(self._button("Stop")).to_be_focused()
        expect(self._page.locator('[data-status="running"]')).to_be_visible()

    def stop(self) -> None:
        self._hand.press(self._button("Stop"))
        self._answer("Stop this session?", "Stop it")
        expect(self._page.locator('[data-status="ended"]')).to_be_visible(timeout=PATIENCE_MS)
        expect(self._button("Archive")).to_be_visible()
        self._expect_not_left()

    def _order(self, question: str, yes: str, command: str) -> bool:
        """Orders by hand, and waits until it is settled. False where the command was refused."""
        commands = self._page.locator('li[id^="command-"]')
        before = _first_id(commands)
        self._answer(question, yes)
        self._until(lambda: _first_id(commands) != before)
        expect(commands.first).to_contain_text(command)
        state = commands.first.locator(".mark")
        self._until(lambda: state.text_content() != "waiting")
        expect(self._page.get_by_text("No order waits for a block.")).to_be_visible(timeout=PATIENCE_MS)
        return state.text_content() == "ordered"

    def _is_asked(self) -> bool:
        try:
            expect(self._dialog()).to_be_visible(timeout=A_MOMENT_MS)
        except AssertionError:
            return False
        return True

    def _answer(self, question: str, yes: str) -> None:
        expect(self._dialog().get_by_role("heading", name=question)).to_be_visible()
        self._hand.press(self._dialog().get_by_role("button", name=yes, exact=True))
        expect(self._dialog()).to_be_hidden()

    def _button(self, name: str) -> Locator:
        return self._page.get_by_role("button", name=name, exact=True)

    def _dialog(self) -> Locator:
        return self._page.get_by_role("dialog")

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self._page.locator("main").inner_text()
            self._page.wait_for_timeout(50)

    def _expect_not_left(self) -> None:
        assert self._page.evaluate("document.body.dataset.stayed") == "yes", "the page was loaded anew"
        assert self._browser.overflow() == 0


def _first_id(rows: Locator) -> str:
    """Empty while there is none."""
    return next(iter(rows.evaluate_all("elements => elements.slice(0, 1).map((one) => one.id)")), "")
