"""Two ways to press what is on a page: with a mouse, and with nothing but a keyboard."""

from itertools import cycle
from typing import Protocol

from playwright.sync_api import Locator, expect

MOST_STOPS = 250
STOP = """(target) => {
  const one = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const { width, height } = one.getBoundingClientRect();
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) > 0 && width > 0 && height > 0;
  return { here: one === target, seen: seen || one === document.body, what: one.outerHTML.slice(0, 200) };
}"""


class Hand(Protocol):
    def press(self, target: Locator) -> None: ...

    def write(self, target: Locator, text: str) -> None:
        """In the place of what stands there."""

    def choose_last(self, target: Locator) -> None:
        """The last option of a list, the highest value of a slider."""


class Mouse:
    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose_last(self, target: Locator) -> None:
        target.press("End")


class Keyboard:
    """Goes from stop to stop, and fails where one cannot see where one is. Presses by Enter and by Space in turn."""

    def __init__(self) -> None:
        self._keys = cycle(("Enter", "Space"))

    def press(self, target: Locator) -> None:
        expect(target).to_be_enabled()
        self.go_to(target)
        is_link = target.evaluate("element => element.localName === 'a'")
        target.page.keyboard.press("Enter" if is_link else next(self._keys))

    def write(self, target: Locator, text: str) -> None:
        self.go_to(target)
        target.page.keyboard.press("Control+A")
        target.page.keyboard.type(text)

    def choose_last(self, target: Locator) -> None:
        self.go_to(target)
        target.page.keyboard.press("End")

    def go_to(self, target: Locator) -> None:
        for stops in range(MOST_STOPS):
            stop = target.evaluate(STOP)
            # Where a script or a question put it without a key, it need not be seen.
            assert stop["seen"] or stops == 0, f"the focus is not to be seen on {stop['what']}"
            if stop["here"]:
                return
            target.page.keyboard.press("Tab")
        raise AssertionError(f"no way by keyboard to {target}")
