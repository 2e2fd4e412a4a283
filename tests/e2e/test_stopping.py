"""Ctrl-C, and two runs at once."""

import time

import pytest

from chain.devnet.devnet import Devnet
from paper_trading.models import BotSession, SessionStatus
from tests.e2e.conftest import ProgramMaker
from tests.support.program import Program, Running, one_clear_line

pytestmark = pytest.mark.anvil
MOST_BLOCKS = 60
COMMAND = ("run_paper_bot", "--intel", 10, "--block-time", 0.3)


def status(program: Program) -> str:
    with program.books():
        return str(BotSession.objects.get().status)


def test_ctrl_c_ends_the_session_with_a_summary(make_program: ProgramMaker, living_chain: str) -> None:
    program = make_program(RPC_URL=living_chain)
    bot = program.start(*COMMAND, "--json")
    bot.until_type("block")
    bot.interrupt()
    assert bot.end() == 0
    assert bot.errors == ""
    [summary] = bot.of_type("summary")
    assert bot.lines[-1] == summary
    assert (summary["status"], summary["reason"]) == ("ended", "stopped by the user")
    assert status(program) == SessionStatus.ENDED


def block_with_an_order(bot: Running, devnet: Devnet) -> None:
    """Makes blocks up to one on which the bot places an order, which then waits for a block that never comes."""
    for _ in range(MOST_BLOCKS):
        pending = devnet.driver.send()
        block = devnet.driver.seal(pending, max(devnet.head.timestamp + 1, int(time.time())))
        line = bot.until(lambda line, wanted=block.hash: line["type"] == "block" and line["hash"] == wanted)
        if line["waiting"] > 0:
            return
    raise AssertionError("the bot placed no order")


def test_ctrl_c_twice_ends_at_once_and_the_next_start_goes_on(make_program: ProgramMaker) -> None:
    program = make_program()
    with Devnet(program.var / "devnet") as devnet:
        program.environment = {"RPC_URL": devnet.url}
        bot = program.start(*COMMAND, "--json")
        bot.until_type("block")
        block_with_an_order(bot, devnet)
        bot.interrupt()
        time.sleep(0.3)  # two signals at once would count as one; the order keeps the first one waiting for longer
        bot.interrupt()
        code = bot.end()
        assert (code, bot.of_type("summary")) == (130, []), bot.errors
        assert "Traceback" not in bot.errors
        assert len(bot.errors.strip().splitlines()) == 1
        assert status(program) == SessionStatus.RUNNING
        again = program.start(*COMMAND, "--json")
        assert again.until_type("startup")["resumed"] is True
        again.until_type("block")
        again.interrupt()
        assert again.end() == 0, again.errors


def test_a_second_run_on_the_same_database_is_told_so_and_disturbs_nothing(
    make_program: ProgramMaker, living_chain: str
) -> None:
    program = make_program(RPC_URL=living_chain)
    first = program.start(*COMMAND, "--json")
    first.until_type("block")
    second = program.run(*COMMAND, "--json", "--runtime-minutes", 0.01)
    assert f"process {first.process.pid} runs sessions on this SQLite database" in one_clear_line(second)
    assert second.stdout == ""
    for _ in range(3):
        first.until_type("block")
    with program.books():
        assert BotSession.objects.get().ends_at is None
    first.interrupt()
    assert first.end() == 0, first.errors
