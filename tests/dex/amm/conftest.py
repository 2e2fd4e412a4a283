from collections.abc import Iterator

import pytest

from tests.dex.amm.lab import Lab
from tests.dex.amm.v3_judge import V3Judge


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def judge(lab: Lab) -> V3Judge:
    return V3Judge(lab)
