"""The worker's part that runs hosts; the hosts themselves are put in by the test."""

import pytest
from pytest_django import Settings

from paper_trading.worker import step
from paper_trading.worker.step import HostStep


class RecordedSupervisor:
    log: list[tuple[str, int]]

    def __init__(self, command: object, **_: object) -> None:
        self.number = sum(1 for did, _ in self.log if did == "made")
        self.log.append(("made", self.number))

    def start(self) -> None:
        self.log.append(("started", self.number))

    def ask_to_stop(self) -> None:
        self.log.append(("asked", self.number))

    def stop(self) -> None:
        self.log.append(("stopped", self.number))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[tuple[str, int]]:
    settings.SESSION_HOSTS = 2
    RecordedSupervisor.log = []
    monkeypatch.setattr(step, "HostSupervisor", RecordedSupervisor)
    return RecordedSupervisor.log


def test_a_worker_starts_as_many_hosts_as_it_is_told(log: list[tuple[str, int]]) -> None:
    HostStep(object()).start(object())
    assert [number for did, number in log if did == "started"] == [0, 1]


def test_all_hosts_hand_over_before_any_is_waited_for(log: list[tuple[str, int]]) -> None:
    worker = HostStep(object())
    worker.start(object())
    worker.stop(object())
    assert log[-4:] == [("asked", 0), ("asked", 1), ("stopped", 0), ("stopped", 1)]
