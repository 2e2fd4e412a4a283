"""A person's browser on our pages, and everything in it that must not happen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.wallets import Wallet, script_of

DESKTOP, PHONE = (1280, 800), (390, 844)
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")

FOCUSED = """(() => {
  const one = document.activeElement;
  return one === document.body ? "" : one.textContent.trim() || one.name || "";
})()"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it left the browser."""

    method: str
    url: str
    headers: str
    body: str


@dataclass(slots=True)
class Visit:
    """``refusals`` are the statuses that the journey is about; any other that a browser complains of is a defect."""

    context: BrowserContext
    page: Page
    url: str
    refusals: set[int] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path)

    def log_in(self, wallet: Wallet, *, path: str = "/login/?next=/account/") -> None:
        self.goto(path)
        self.choose(wallet)
        self.expect_path("/account/")
        self.expect_ready()

    def expect_ready(self) -> None:
        """The page is there whole, and its scripts have taken hold of it."""
        self.page.wait_for_load_state()
        expect(self.page.locator("[inert]")).to_have_count(0)

    def choose(self, wallet: Wallet) -> None:
        self.page.get_by_role("button", name=wallet.name).click()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def expect_path(self, path: str) -> None:
        expect(self.page).to_have_url(self.url + path)

    def expect_heading(self, name: str) -> None:
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def emit(self, event: str, data: object, *, wallet: int = 0) -> None:
        self.page.evaluate("([key, name, data]) => testWallets.emit(key, name, data)", [str(wallet), event, data])

    def release(self, method: str) -> None:
        """Lets a wallet give the answer that it held back."""
        self.page.evaluate("(method) => testWallets.release(method)", method)

    def focused(self) -> str:
        """What the element with the focus says; nothing while none has it: the body says all that is on the page."""
        return str(self.page.evaluate(FOCUSED))

    def tab_to(self, name: str, *, most: int = 60) -> None:
        """As somebody without a mouse gets there, once the page is ready."""
        expect(self.page.locator("button:disabled, [inert]")).to_have_count(0)
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if name in self.focused():
                return
        raise AssertionError(f"no way to {name!r} by keyboard; the focus is on {self.focused()!r}")

    def overflow(self) -> int:
        """Pixels that the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def check(self) -> None:
        """Fails for errors in the console, violations of the policy and requests to anybody else."""
        own = (f"{self.url}/", f"{self.url.replace('http', 'ws', 1)}/", "data:")
        others = [one.url for one in self.sent if not one.url.startswith(own)]
        assert (self.complaints, others) == ([], [])

    def _said(self, kind: str, text: str, where: str) -> None:
        refused = REFUSED.match(text)
        expected = refused is not None and int(refused.group(1)) in self.refusals
        if kind in ("error", "warning") and not expected:
            self.complaints.append(f"{kind}: {text} ({where})")


def begin_visit(
    browser: Browser, url: str, wallets: Sequence[Wallet], *, size: tuple[int, int] = DESKTOP, dark: bool = False
) -> Visit:
    """A browser of its own, with ``wallets`` as its extensions; the zone is half an hour off, so that times show it."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        timezone_id="Asia/Kolkata",
        locale="en-GB",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    visit = Visit(context, page, url)
    context.expose_function("askTestWallet", lambda key, method, given: wallets[int(key)].answer(method, given))
    context.expose_function("tellViolation", lambda text: visit.complaints.append(f"policy: {text}"))
    context.add_init_script(script=script_of(wallets))
    page.on("console", lambda message: visit._said(message.type, message.text, message.location["url"]))
    page.on("pageerror", lambda error: visit.complaints.append(f"uncaught: {error}"))
    page.on("request", lambda request: visit.sent.append(_leaving(request)))
    page.on("websocket", lambda socket: visit.sent.append(Sent(method="GET", url=socket.url, headers="", body="")))
    return visit


def _leaving(request: Request) -> Sent:
    return Sent(method=request.method, url=request.url, headers=str(request.headers), body=request.post_data or "")
