from dataclasses import replace

import pytest

from tests.support.small_desk import SCOPE


@pytest.mark.parametrize(("block_time", "seconds"), [(1.0, 3.0), (12.0, 36.0), (0.25, 0.75)])
def test_a_head_is_stale_after_three_block_times(block_time: float, seconds: float) -> None:
    scope = replace(SCOPE, network=replace(SCOPE.network, block_time=block_time))
    assert scope.stale_seconds == seconds
