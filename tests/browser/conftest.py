import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import CHROMIUM, running_chromium
from tests.browser.server import Server, running_server
from tests.browser.visits import Visit, begin_visit

expect.set_options(timeout=20_000)  # a machine that runs other tests beside is slow; nothing is measured by it

Visits = Callable[..., Visit]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for a module: Playwright's loop runs in this thread while it lives, which other tests cannot have."""
    if not CHROMIUM.exists():
        reason = f"no chromium at {CHROMIUM}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visits]:
    """Opens browsers; at the end nothing may have gone wrong in any of them."""
    opened: list[Visit] = []

    def begin(*wallets: object, **how: object) -> Visit:
        opened.append(begin_visit(chromium, server.url, wallets, **how))  # type: ignore[arg-type]
        return opened[-1]

    yield begin
    for one in opened:
        one.context.close()
    for one in opened:
        one.check()
