import shutil
from pathlib import Path

import pytest

from chain.devnet.devnet import Devnet
from tests.support.devnet import DevnetMaker

PAST = 80
"""Blocks that a bot finds when it starts: enough for every signal."""


@pytest.fixture(scope="session")
def past(make_devnet: DevnetMaker) -> Path:
    devnet = make_devnet()
    devnet.step(PAST)
    devnet.stop()
    return devnet.directory


@pytest.fixture
def new_chain(make_devnet: DevnetMaker, past: Path, tmp_path_factory: pytest.TempPathFactory) -> DevnetMaker:
    """Makes devnets of their own that all have the same past."""

    def make() -> Devnet:
        directory = tmp_path_factory.mktemp("chain") / "devnet"
        shutil.copytree(past, directory)
        return make_devnet(directory=directory)

    return make


@pytest.fixture
def chain(new_chain: DevnetMaker) -> Devnet:
    return new_chain()
