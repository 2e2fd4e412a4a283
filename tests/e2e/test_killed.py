"""kill -9 at any moment leaves whole books, and the next start goes on."""

import random
import time
from collections import Counter

import pytest

from paper_trading.models import BotSession, PaperAccount, PaperTrade, TradeStatus
from paper_trading.selectors import check_ledger, verify_chain
from tests.e2e.conftest import ProgramMaker
from tests.support.program import Line, Program, processes_with

pytestmark = [pytest.mark.anvil, pytest.mark.slow]
KILLS = 10
COMMAND = ("run_paper_bot", "--intel", 10, "--block-time", 0.3, "--json")


def orders(line: Line) -> bool:
    return line["type"] == "decision" and bool(line["ordered"])


def books_are_whole(program: Program) -> None:
    with program.books():
        for account in PaperAccount.objects.all():
            assert check_ledger(account) == []
            assert verify_chain(account) == []
        standing = Counter(PaperTrade.objects.values_list("decision_id", flat=True))
        assert [decision for decision, count in standing.items() if count > 1] == []
        assert BotSession.objects.count() == 1


def test_ten_kills_lose_nothing_and_book_nothing_twice(make_program: ProgramMaker) -> None:
    program, dice = make_program(), random.Random(8)
    for kill in range(KILLS):
        bot = program.start(*COMMAND)
        assert bot.until_type("startup")["resumed"] is (kill > 0)
        bot.until_type("block")
        if kill % 2 == 0:
            bot.until(orders)  # its block is about to be booked, the next one fills it
        time.sleep(dice.uniform(0, 0.6))
        bot.kill()
        books_are_whole(program)
    bot = program.start(*COMMAND)
    bot.until_type("trade")
    bot.interrupt()
    assert bot.end() == 0, bot.errors
    books_are_whole(program)
    with program.books():
        assert PaperTrade.objects.filter(status=TradeStatus.FILLED).exists()
        assert not PaperTrade.objects.filter(status=TradeStatus.PENDING).exists()
    checked = program.run("verify_trade", "--all")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert processes_with(str(program.var)) == []
