import dataclasses

import pytest

from paper_trading.intelligence.intel_slider import LEVELS, IntelError, level, with_overrides
from paper_trading.intelligence.signals import SIGNALS


def column(name: str) -> list[object]:
    return [getattr(LEVELS[number], name) for number in range(1, 11)]


def test_the_table_is_the_published_one() -> None:
    assert column("risk_tolerance") == [20, 25, 30, 40, 50, 60, 70, 80, 90, 100]
    assert column("max_position_pct") == [2, 3, 5, 7, 10, 12, 15, 18, 20, 25]
    assert column("min_confidence_pct") == [95, 90, 85, 75, 70, 65, 60, 55, 50, 45]
    assert column("min_trade_usd") == [10, 20, 30, 50, 75, 100, 150, 200, 250, 300]


@pytest.mark.parametrize("name", ["max_open_positions", "fee_patience_blocks", "tolerance_ceiling_bps"])
def test_bolder_levels_allow_no_less(name: str) -> None:
    assert column(name) == sorted(column(name))


def test_bolder_levels_wait_less() -> None:
    assert column("cooldown_blocks") == sorted(column("cooldown_blocks"), reverse=True)


def test_every_signal_is_used_by_some_level_and_none_is_unknown() -> None:
    used = {name for settings in LEVELS.values() for name in settings.signals}
    assert used == set(SIGNALS)


def test_levels_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        LEVELS[1] = LEVELS[2]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        level(1).risk_tolerance = 100  # type: ignore[misc]


@pytest.mark.parametrize("number", [0, 11, -1, True, 5.0, "5", None])
def test_there_are_only_levels_one_to_ten(number: object) -> None:
    with pytest.raises(IntelError, match="1 to 10"):
        level(number)  # type: ignore[arg-type]


def test_an_override_replaces_one_field_and_is_named() -> None:
    found = with_overrides(level(3), {"max_position_pct": 40})
    assert found.max_position_pct == 40
    assert found.overridden == {"max_position_pct"}
    assert dataclasses.replace(found, max_position_pct=5, overridden=frozenset()) == level(3)


def test_overrides_add_up() -> None:
    found = with_overrides(with_overrides(level(3), {"cooldown_blocks": 0}), {"signals": ["trend"]})
    assert found.overridden == {"cooldown_blocks", "signals"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", 4),
        ("overridden", []),
        ("courage", 4),
        ("risk_tolerance", 0),
        ("risk_tolerance", 101),
        ("max_position_pct", 10.5),
        ("cooldown_blocks", True),
        ("min_trade_usd", "10"),
        ("signals", "trend"),
        ("signals", ["trend", "stars"]),
        ("signals", ["trend", "trend"]),
        ("signals", ["gas"]),
        ("signals", []),
    ],
)
def test_a_wrong_override_is_refused_in_one_line(name: str, value: object) -> None:
    with pytest.raises(IntelError) as caught:
        with_overrides(level(5), {name: value})
    assert "\n" not in str(caught.value)
