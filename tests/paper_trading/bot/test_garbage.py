import gc

import pytest

from paper_trading.bot import garbage
from paper_trading.bot.garbage import NEVER, collected_between_blocks


def full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])


def test_python_starts_no_full_collection_by_itself_meanwhile() -> None:
    usual = gc.get_threshold()
    with collected_between_blocks():
        assert gc.get_threshold() == (usual[0], usual[1], NEVER)
    assert gc.get_threshold() == usual


def test_one_comes_after_a_block_once_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    with collected_between_blocks() as after_block:
        before = full_collections()
        after_block()
        assert full_collections() == before
    monkeypatch.setattr(garbage, "FULL_SECONDS", 0.0)
    with collected_between_blocks() as after_block:
        before = full_collections()
        after_block()
        assert full_collections() == before + 1
