import doctest

import pytest

from dex.amm import constant_product, tick_math


@pytest.mark.parametrize("module", [constant_product, tick_math])
def test_the_examples_in_the_docstrings_are_true(module: object) -> None:
    results = doctest.testmod(module)
    assert (results.attempted > 0, results.failed) == (True, 0)
