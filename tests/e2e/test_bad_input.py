"""What cannot be is said in one clear line, with exit code 1 and nothing half done."""

import resource
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from paper_trading.models import LedgerPosting, PaperAccount
from paper_trading.selectors import check_ledger, verify_chain
from tests.e2e.conftest import ProgramMaker
from tests.support.program import one_clear_line

BOT = "run_paper_bot"


def refused(*arguments: object) -> str:
    """The line of a command that is refused before it touches a database, run in this process: it is much quicker."""
    with pytest.raises(CommandError) as refusal:
        call_command(BOT, *map(str, arguments))
    assert str(refusal.value).isprintable()
    return str(refusal.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--intel", 0), "from 1 to 10, not 0"),
        (("--intel", 11), "from 1 to 10, not 11"),
        (("--runtime-minutes", -1), "not -1"),
        (("--runtime-minutes", 0), "not 0"),
        (("--runtime-minutes", "1e300"), "at most a year"),
        (("--runtime-minutes", "nan"), "not nan"),
        (("--session-name", "n" * 81), "at most 80"),
        (("--blocks-per-second", 5), "--recording"),
        (("--set", "greed=9"), "no intel setting 'greed'"),
        (("--set", "max_open_positions=lots"), "whole number"),
        (("--chain", "ethereum"), "set RPC_URL"),
        (("--block-time", 0), "--block-time"),
        (("--recording", "no/such/folder"), "cannot be read"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_options_that_cannot_be(settings: Any, arguments: tuple[object, ...], words: str) -> None:
    settings.RPC_URLS = []
    assert words in refused(*arguments)


@pytest.mark.anvil
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--chain", "ethereum"), "serves chain 31337"),
        (("--chain", "nope"), "nope"),
        (("--tokens", "NOPE"), "NOPE"),
        (("--deposit", "USDC"), "SYMBOL=AMOUNT"),
        (("--deposit", "USDC=-5"), "no amount"),
        (("--deposit", "USDC=0.0000001"), "6 decimals"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_options_that_do_not_fit_the_chain(
    settings: Any, living_chain: str, arguments: tuple[object, ...], words: str
) -> None:
    settings.RPC_URLS = [living_chain]
    assert words in refused(*arguments)


def test_what_is_refused_at_once_is_one_line_and_exit_code_1(make_program: ProgramMaker) -> None:
    assert "from 1 to 10" in one_clear_line(make_program().run(BOT, "--intel", 11))


@pytest.mark.anvil
def test_an_unknown_user_is_named(make_program: ProgramMaker, living_chain: str) -> None:
    program = make_program(RPC_URL=living_chain)
    assert "there is no user 'nobody'" in one_clear_line(program.run(BOT, "--user", "nobody"))


class _Page(BaseHTTPRequestHandler):
    body = b"<html>\x1b[2J please log in to the hotel's network</html>"

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Silent."""


class _OtherChain(_Page):
    body = b'{"jsonrpc":"2.0","id":1,"result":"0x1e240"}'


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), request.param) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("page", [_Page], indirect=True)
def test_a_web_page_is_no_node(settings: Any, page: str) -> None:
    settings.RPC_URLS = [page]
    assert "node 127.0.0.1" in refused()


def test_a_node_that_cannot_be_reached_is_named_without_its_key(make_program: ProgramMaker) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://me:hush@127.0.0.1:{unused.getsockname()[1]}/secret-key"
        line = one_clear_line(make_program(RPC_URL=url).run(BOT))
    assert "cannot be reached" in line
    assert "hush" not in line
    assert "secret-key" not in line


@pytest.mark.parametrize("page", [_OtherChain], indirect=True)
def test_an_unknown_chain_is_named(settings: Any, page: str) -> None:
    settings.RPC_URLS = [page]
    assert "123456" in refused()


@pytest.mark.anvil
def test_a_database_that_was_never_set_up(make_program: ProgramMaker, living_chain: str) -> None:
    program = make_program(RPC_URL=living_chain)
    program.database.unlink()
    assert "make setup" in one_clear_line(program.run(BOT))


@pytest.mark.anvil
@pytest.mark.slow
def test_a_database_that_somebody_else_keeps_locked(make_program: ProgramMaker, living_chain: str) -> None:
    program = make_program(RPC_URL=living_chain)
    with closing(sqlite3.connect(program.database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "database is locked" in one_clear_line(program.run(BOT))
        other.rollback()
    with program.books():
        assert not PaperAccount.objects.exists()


@pytest.mark.anvil
def test_a_disk_that_fills_up_during_the_run(make_program: ProgramMaker, living_chain: str) -> None:
    program = make_program(RPC_URL=living_chain)
    enough_to_begin = 1_200_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (enough_to_begin, resource.RLIM_INFINITY))

    bot = program.start(BOT, "--intel", 10, "--json", limit=small_disk)
    bot.until_type("block")
    assert bot.end() == 1
    assert "Traceback" not in bot.errors
    [line] = bot.errors.strip().splitlines()
    assert "the database refused" in line
    with program.books():
        account = PaperAccount.objects.get()
        assert LedgerPosting.objects.filter(account=account).exists()
        assert check_ledger(account) == []
        assert verify_chain(account) == []
    again = program.start(BOT, "--intel", 10, "--json")
    assert again.until_type("startup")["resumed"] is True
    again.kill()


@pytest.mark.anvil
def test_a_folder_that_cannot_be_written_to(make_program: ProgramMaker) -> None:
    program = make_program()
    journal = program.var / "devnet"
    for file in journal.iterdir():
        file.unlink()
    journal.rmdir()
    journal.write_text("a file where a folder should be")
    assert "the local chain cannot be kept" in one_clear_line(program.run(BOT))
