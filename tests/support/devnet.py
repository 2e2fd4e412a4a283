"""Devnets for tests: stepped, in their own directory, gone at the end.

``make_devnet`` builds one with any options; ``stepped_devnet`` is one that all tests of a session share, so use it for
reading and stepping on only.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from chain.devnet.devnet import Devnet

DevnetMaker = Callable[..., Devnet]


@pytest.fixture(scope="session")
def make_devnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevnetMaker]:
    with ExitStack() as running:

        def make(**options: Any) -> Devnet:
            directory = options.pop("directory", None) or tmp_path_factory.mktemp("devnet")
            return running.enter_context(Devnet(directory, **options))

        yield make


@pytest.fixture(scope="session")
def stepped_devnet(make_devnet: DevnetMaker) -> Devnet:
    devnet = make_devnet()
    devnet.step(30)
    return devnet
