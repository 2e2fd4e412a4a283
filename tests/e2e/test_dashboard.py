"""The dashboard in the bot's own process: what ``make run`` starts."""

import json
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from chain.devnet.anvil import free_port
from paper_trading.models import BotSession, PaperTrade, SessionStatus, TradeStatus
from tests.e2e.conftest import ProgramMaker
from tests.support.program import PATIENCE, Program, one_clear_line
from tests.support.small_recording import three_blocks
from tests.support.terminal import Terminal
from tests.support.visitor import Visitor

pytestmark = [pytest.mark.anvil, pytest.mark.slow]

COMMAND = ("run_paper_bot", "--dashboard", "--intel", "10", "--block-time", "0.3")
START, STOP = "/paper-trading/api/bot/start/", "/paper-trading/api/bot/stop/"
A_FEW_SECONDS = 8.0
KEY: LocalAccount = Account.from_key("0x" + "17" * 32)

Terminals = Callable[..., Terminal]


@pytest.fixture
def terminals() -> Iterator[Terminals]:
    opened: list[Terminal] = []

    def start(program: Program, *arguments: str) -> Terminal:
        opened.append(Terminal([sys.executable, "manage.py", *arguments], program._environment()))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def eventually(condition: Callable[[], bool], said: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it never came: {said()}"
        time.sleep(0.1)


def seconds_to_end(terminal: Terminal) -> float:
    asked = time.monotonic()
    terminal.interrupt()
    assert terminal.end() == 0, terminal.said[-3000:]
    return time.monotonic() - asked


def open_link(terminal: Terminal) -> Visitor:
    """Logs in by the link at the foot of the screen."""
    address, secret = terminal.until(r"(http://127\.0\.0\.1:\d+/)login/#bootstrap=([\w-]{20,})").groups()
    visitor = Visitor(address)
    visitor.log_in(KEY, bootstrap=secret)
    return visitor


def test_the_first_visit_from_the_link_to_a_session_that_trades(
    make_program: ProgramMaker, terminals: Terminals
) -> None:
    program = make_program()
    terminal = terminals(program, *COMMAND, "--port", str(free_port()))
    terminal.until("trades: ")
    visitor = open_link(terminal)
    terminal.until(r"Dashboard: http://127\.0\.0\.1:\d+/")
    eventually(lambda: "bootstrap" not in terminal.shown and "Dashboard: " in terminal.shown)
    eventually(lambda: json.loads(visitor.get("/healthz/")[1])["hosts_alive"] == 1)

    second = visitor.post(START, {"account": "second", "intel": 10})["session_id"]
    with program.books():
        filled = PaperTrade.objects.filter(session_id=second, status=TradeStatus.FILLED)
        eventually(filled.exists, lambda: BotSession.objects.values().get(pk=second))
        visitor.post(STOP, {"session_id": second})
        eventually(lambda: not BotSession.objects.get(pk=second).is_live)
        first = BotSession.objects.exclude(pk=second).get()
        assert first.status == SessionStatus.RUNNING

        visitor.post(STOP, {"session_id": first.pk})
        terminal.until("The dashboard stays at http://127.0.0.1:")
        assert "PAPER  session" in terminal.said
        assert visitor.get("/healthz/")[0] == 200
        third = visitor.post(START, {"account": "third", "intel": 10})["session_id"]
        eventually(lambda: BotSession.objects.get(pk=third).cursor_block is not None)
    assert seconds_to_end(terminal) < A_FEW_SECONDS
    assert "Sessions that ran beside: 1." in terminal.said
    assert "Traceback" not in terminal.said


def test_ctrl_c_ends_the_shown_session_and_the_next_start_goes_on_with_the_others(
    make_program: ProgramMaker, living_chain: str
) -> None:
    program = make_program(RPC_URL=living_chain)
    token = program.run("api_token", "create", "--name", "t", "--scopes", "read,trade").stdout.strip()
    bot = program.start(*COMMAND, "--port", free_port(), "--json")
    url = bot.until_type("dashboard")["url"]
    bot.until_type("block")
    eventually(lambda: json.loads(Visitor(url).get("/healthz/")[1])["hosts_alive"] == 1)
    beside = with_token(url, token, START, {"account": "beside"})["session_id"]
    with program.books():
        eventually(lambda: BotSession.objects.get(pk=beside).cursor_block is not None)
        bot.interrupt()
        assert bot.end() == 0, bot.errors
        assert bot.errors == ""
        assert bot.lines[-1]["type"] == "summary"
        shown, left = BotSession.objects.exclude(pk=beside).get(), BotSession.objects.get(pk=beside)
        assert (shown.status, left.is_live, left.owner) == (SessionStatus.ENDED, True, "")
        again = program.start(*COMMAND, "--port", free_port(), "--json")
        eventually(lambda: (BotSession.objects.get(pk=beside).cursor_block or 0) > (left.cursor_block or 0))
    again.until_type("block")
    again.interrupt()
    assert again.end() == 0, again.errors


def test_after_a_recording_the_dashboard_stays(
    make_program: ProgramMaker, terminals: Terminals, tmp_path: Path
) -> None:
    three_blocks().write(tmp_path)
    terminal = terminals(make_program(), *COMMAND[:2], "--recording", str(tmp_path), "--port", str(free_port()))
    address = terminal.until(r"The dashboard stays at (http://\S+/),")[1]
    assert "the recording ended" in terminal.said
    assert Visitor(address).get("/healthz/")[0] == 200
    assert seconds_to_end(terminal) < A_FEW_SECONDS


def test_without_a_terminal_the_run_ends_with_its_session(make_program: ProgramMaker, living_chain: str) -> None:
    program = make_program(RPC_URL=living_chain)
    done = program.run(*COMMAND, "--port", free_port(), "--json", "--runtime-minutes", 0.05)
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["type"], summary["reason"]) == ("summary", "the runtime is over")


def test_ctrl_c_twice_ends_at_once(make_program: ProgramMaker, living_chain: str) -> None:
    program = make_program(RPC_URL=living_chain)
    bot = program.start(*COMMAND, "--port", free_port(), "--json")
    bot.until(lambda line: line["type"] == "block" and line["waiting"] > 0)
    bot.interrupt()
    time.sleep(0.05)
    bot.interrupt()
    assert bot.end() in (0, 130)  # the order may have settled in between
    assert "Traceback" not in bot.errors


def test_a_port_that_is_taken_is_told_in_one_line(make_program: ProgramMaker) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_clear_line(make_program().run(*COMMAND, "--port", port))
    assert line.endswith(f"port {port} of 127.0.0.1 is taken by another program")


@pytest.mark.parametrize("broken", ["daphne", "dexproject.urls"], ids=["the server", "the pages"])
def test_a_web_part_that_fails_does_not_stop_the_bot(
    make_program: ProgramMaker, living_chain: str, tmp_path: Path, broken: str
) -> None:
    """It fails as an installation does that is not whole."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {broken!r} and 'manage.py' in sys.argv[0]:\n"
        "            raise ImportError(f'{name} is not there')\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    program = make_program(RPC_URL=living_chain, PYTHONPATH=str(tmp_path))
    bot = program.start(*COMMAND, "--port", free_port(), "--json")
    told = bot.until(lambda line: line["type"] == "status" and "dashboard" in line["text"])
    assert told["text"] == f"there is no dashboard: {broken} is not there; the bot goes on without it"
    for _ in range(3):
        bot.until_type("block")
    bot.interrupt()
    assert bot.end() == 0, bot.errors
    assert bot.errors == ""


def with_token(url: str, token: str, path: str, body: object) -> dict[str, int]:
    request = urllib.request.Request(  # noqa: S310 - our own server
        url.rstrip("/") + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return dict(json.load(answer))
