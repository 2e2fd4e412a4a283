"""The program as ``make run`` starts it: bot, chain and pages in one process, with books of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chain.devnet.anvil import free_port
from tests.browser.visits import Visit
from tests.browser.wallets import Wallet, key_of
from tests.support.program import Program
from tests.support.terminal import Terminal

OWNER = key_of("the owner of a living bot")
LINK = r"(http://127\.0\.0\.1:\d+)/(login/#bootstrap=[\w-]{20,})"


class Living:
    """``url`` is the dashboard's."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        found = terminal.until(LINK)
        self.url, self._link = found[1], f"/{found[2]}"

    def log_in(self, browser: Visit) -> None:
        """With the wallet of the owner: the first time by the link on the terminal, later as every day."""
        browser.goto(self._link)
        self._link = "/login/"
        browser.choose(owners_wallet())
        browser.expect_path("/")
        browser.expect_ready()


def owners_wallet() -> Wallet:
    return Wallet(OWNER)


@contextmanager
def living_program(var: Path, *, block_time: float, seed: int = 7, level: int = 10) -> Iterator[Living]:
    """It trades from its first moment in a session of its own, the first one."""
    # All browsers of one machine are one client.
    program = Program(var, {"LOGIN_REQUESTS_PER_CLIENT": "0"})
    done = program.run("migrate", "--verbosity", 0)
    assert done.returncode == 0, done.stderr
    told = ("--intel", level, "--block-time", block_time, "--seed", seed, "--port", free_port())
    command = [sys.executable, "manage.py", "run_paper_bot", "--dashboard", *map(str, told)]
    terminal = Terminal(command, program._environment())
    try:
        yield Living(terminal)
        terminal.interrupt()
        assert terminal.end() == 0, terminal.said[-3000:]
    finally:
        terminal.close()
