import pytest

from paper_trading.selectors.equity import forget_curves
from paper_trading.selectors.kept_results import by_day, by_exit, by_token


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """The worlds of two tests have the same books and the same points, by their ids."""
    forget_curves()
    for kept in (by_token, by_exit, by_day):
        kept.cache_clear()
