"""Asked to verify where there is nothing: what is said, and with which exit code."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.e2e.conftest import ProgramMaker
from tests.paper_trading.world import WETH, new_world
from tests.support.program import one_clear_line
from tests.support.small_recording import three_blocks


@pytest.mark.anvil
def test_before_the_first_trade_there_is_nothing_wrong(make_program: ProgramMaker, tmp_path: Path) -> None:
    done = make_program().run("verify_trade", "--all", "--recording", three_blocks().write(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "no trades yet\n", "")


@pytest.mark.anvil
def test_receipts_that_all_lie_elsewhere_were_not_checked(make_program: ProgramMaker, tmp_path: Path) -> None:
    program = make_program()
    with program.books():
        world = new_world()
        world.buy(WETH, 3_000, 100)
        world.sell(WETH, 40, 1_500)
    line = one_clear_line(program.run("verify_trade", "--all", "--recording", three_blocks().write(tmp_path)))
    assert line.endswith("nothing to check on this chain: 2 receipts lie on devnet")


@pytest.mark.anvil
def test_receipts_of_a_chain_that_was_put_aside_are_said_to_be_of_an_earlier_one(make_program: ProgramMaker) -> None:
    program = make_program()
    with program.books():
        new_world().buy(WETH, 3_000, 100)
    done = program.run("verify_trade", "--all")
    assert done.returncode == 1
    assert "nothing to check on this chain: 1 receipt lies on an earlier instance of devnet" in done.stderr


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 40])
def test_a_trade_that_cannot_be_is_one_clear_line(number: str) -> None:
    with pytest.raises(CommandError, match="there is no such trade"):
        call_command("verify_trade", "--", number)
