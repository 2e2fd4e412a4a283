"""The beginning of the recorded pool, traded: the same twice, and the same again when it was killed in between."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from paper_trading.models import BotSession, Decision, PaperAccount, PaperTrade
from paper_trading.selectors import check_ledger, verify_chain
from tests.e2e.conftest import ProgramMaker
from tests.support import recording
from tests.support.program import Program
from tests.support.short_recording import shorten

pytestmark = [
    pytest.mark.recording,
    pytest.mark.slow,
    pytest.mark.skipif(not recording.FOLDER.is_dir(), reason=f"no recorded chain data in {recording.FOLDER}"),
]
ROWS = 1_500
EAGER = ("--intel", 10, "--set", "min_confidence_pct=5")
DEPOSITS = ("--deposit", "WETH=1", "--deposit", "OP=0")
KILLS = 2
THOUGHT = ("block_number", "token", "action", "code", "edge_bps", "confidence_pct", "reasons")
TRADE = ("sequence", "side", "plan", "status", "block_hash", "amount_in", "amount_out", "revert_reason")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shorten(tmp_path_factory.mktemp("recording"), ROWS)


def trades(program: Program) -> list[Any]:
    with program.books():
        [account] = PaperAccount.objects.all()
        assert check_ledger(account) == []
        assert verify_chain(account) == []
        assert BotSession.objects.count() == 1
        return list(PaperTrade.objects.order_by("pk").values(*TRADE))


def decisions(program: Program) -> list[Any]:
    with program.books():
        return list(Decision.objects.order_by("pk").values(*THOUGHT, "last_block", "repeats"))


def play(program: Program, folder: Path, *deposits: str) -> None:
    done = program.run("run_paper_bot", *EAGER, *deposits, "--recording", folder, "--json")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def uninterrupted() -> dict[str, list[Any]]:
    return {}


def test_the_same_recording_gives_the_same_decisions_and_trades_twice(
    make_program: ProgramMaker, folder: Path, uninterrupted: dict[str, list[Any]]
) -> None:
    one, two = make_program(), make_program()
    play(one, folder, *DEPOSITS)
    play(two, folder, *DEPOSITS)
    uninterrupted["trades"] = trades(one)
    assert len(uninterrupted["trades"]) > 5
    assert uninterrupted["trades"] == trades(two)
    assert decisions(one) == decisions(two)


def test_a_recording_that_was_killed_on_the_way_ends_with_the_same_trades(
    make_program: ProgramMaker, folder: Path, uninterrupted: dict[str, list[Any]]
) -> None:
    if not uninterrupted:
        whole = make_program()
        play(whole, folder, *DEPOSITS)
        uninterrupted["trades"] = trades(whole)
    program, dice = make_program(), random.Random(3)
    for deposits in (DEPOSITS, *[()] * (KILLS - 1)):
        bot = program.start("run_paper_bot", *EAGER, *deposits, "--recording", folder, "--json")
        bot.until_type("block")
        time.sleep(dice.uniform(0.1, 0.6))
        bot.kill()
        assert bot.of_type("summary") == []
        trades(program)
    play(program, folder)
    assert trades(program) == uninterrupted["trades"]
    checked = program.run("verify_trade", "--all", "--recording", folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr
