import json
from pathlib import Path

import pytest

from chain.devnet.devnet import Devnet
from chain.devnet.errors import DirectoryBusy, ReplayDiverged
from chain.devnet.rpc import Rpc

pytestmark = pytest.mark.anvil


def hashes(directory: Path, blocks: int, **options) -> list[str]:
    with Devnet(directory, **options) as devnet:
        return [block.hash for block in devnet.step(blocks)]


def test_the_same_seed_gives_the_same_blocks(tmp_path: Path) -> None:
    assert hashes(tmp_path / "a", 60, seed=11) == hashes(tmp_path / "b", 60, seed=11)


def test_another_seed_gives_other_blocks(tmp_path: Path) -> None:
    assert hashes(tmp_path / "a", 3, seed=11)[-1] != hashes(tmp_path / "b", 3, seed=12)[-1]


def test_a_resumed_chain_goes_on_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    straight = hashes(tmp_path / "a", 60)
    first = hashes(tmp_path / "b", 30)
    assert first + hashes(tmp_path / "b", 30) == straight


def test_a_block_that_was_announced_and_never_confirmed_is_mined_at_resumption(tmp_path: Path) -> None:
    straight = hashes(tmp_path, 3)
    journal = tmp_path / "chain.jsonl"
    journal.write_text("\n".join(journal.read_text().splitlines()[:-1]) + "\n")
    with Devnet(tmp_path) as devnet:
        assert devnet.head.hash == straight[-1]
    assert json.loads(journal.read_text().splitlines()[-1])["hash"] == straight[-1]


def test_transactions_of_others_are_part_of_the_resumed_chain(tmp_path: Path) -> None:
    with Devnet(tmp_path) as devnet, Rpc(devnet.url) as rpc:
        sender, receiver = devnet.world.roles.spare[:2]
        sent = rpc.call("eth_sendTransaction", {"from": sender, "to": receiver, "value": "0x5", "gas": "0x5208"})
        devnet.step(2)
        head = devnet.head
    with Devnet(tmp_path) as devnet, Rpc(devnet.url) as rpc:
        assert devnet.head == head
        assert rpc.call("eth_getTransactionReceipt", sent)["status"] == "0x1"
        devnet.step(2)


def test_a_journal_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    head = hashes(tmp_path, 2)[-1]
    journal = tmp_path / "chain.jsonl"
    journal.write_text(journal.read_text().replace(head, "0x" + "12" * 32))
    with pytest.raises(ReplayDiverged, match="--fresh"):
        Devnet(tmp_path).start()


def test_a_fresh_chain_shares_no_block_with_the_one_before_which_is_kept(tmp_path: Path) -> None:
    before = hashes(tmp_path, 1)
    assert hashes(tmp_path, 1, fresh=True) != before
    assert before[0] in (tmp_path / "chain-0.jsonl").read_text()


def test_a_journal_too_long_to_play_is_put_aside_with_a_word(tmp_path: Path) -> None:
    hashes(tmp_path, 6)
    said: list[str] = []
    devnet = Devnet(tmp_path, max_replay_blocks=10)
    devnet.start(said.append)
    devnet.stop()
    assert (tmp_path / "chain-0.jsonl").exists()
    assert "too many" in said[0]


def test_a_chain_without_actors_stands_still_and_keeps_its_seed(tmp_path: Path) -> None:
    head = hashes(tmp_path, 2, seed=5)[-1]
    with Devnet(tmp_path, seed=6, actors=False) as devnet:
        assert devnet.head.hash == head
        assert devnet.step()[0].tx_hashes == ()


def test_one_directory_is_not_run_twice_at_once(tmp_path: Path) -> None:
    with Devnet(tmp_path), pytest.raises(DirectoryBusy):
        Devnet(tmp_path).start()


def test_a_new_timed_chain_has_a_past(tmp_path: Path) -> None:
    with Devnet(tmp_path, warm_up=3) as devnet, Rpc(devnet.url) as rpc:
        times = [int(rpc.call("eth_getBlockByNumber", hex(n), False)["timestamp"], 16) for n in (6, 7, 8)]
    assert times == [times[0], times[0] + 1, times[0] + 2]
    assert devnet.block_time == 1.0
