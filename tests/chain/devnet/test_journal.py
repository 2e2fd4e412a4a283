from pathlib import Path

import pytest

from chain.devnet import journal
from chain.devnet.journal import BlockPlan, Header, Journal
from chain.errors import ConfigurationError

HEADER = Header(seed=7, generation=0, genesis_timestamp=1_000, rules="abc")
TRANSACTION = {"from": "0xA", "nonce": "0x0", "note": "trade"}


def plan(number: int) -> BlockPlan:
    return BlockPlan(number=number, timestamp=1_000 + number, transactions=[TRANSACTION])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chain.jsonl"
    book = Journal.create(path, HEADER)
    book.announce(plan(1))
    book.confirm(1, "0x01")
    book.announce(plan(2))
    book.close()
    return path


def test_what_was_written_is_read(path: Path) -> None:
    header, blocks = journal.read(path)
    assert header == HEADER
    assert [(block.plan, block.hash) for block in blocks] == [(plan(1), "0x01"), (plan(2), None)]


def test_a_torn_last_line_is_dropped_and_overwritten(path: Path) -> None:
    with path.open("a") as file:
        file.write('{"number":2,"ha')
    book = Journal.resume(path, HEADER)
    book.confirm(2, "0x02")
    book.close()
    assert [block.hash for block in journal.read(path)[1]] == ["0x01", "0x02"]


def test_transactions_of_others_replace_those_announced(path: Path) -> None:
    book = Journal.resume(path, HEADER)
    book.confirm(2, "0x02", [{"raw": "0xff", "from": "0xB", "nonce": "0x5"}])
    book.close()
    assert journal.read(path)[1][1].plan.transactions == [{"raw": "0xff", "from": "0xB", "nonce": "0x5"}]


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chain.jsonl").write_text("hello\n")
    with pytest.raises(ConfigurationError, match="--fresh"):
        journal.read(tmp_path / "chain.jsonl")
