"""When a session's worth is kept."""

from dex.types import BlockRef
from paper_trading.bot.curve import Curve

HOUR = 3_600


def at(seconds: int) -> BlockRef:
    return BlockRef(number=seconds, hash="0x", parent_hash="0x", timestamp=HOUR + seconds, base_fee_per_gas=None)


def kept(curve: Curve, seconds: int, equity: int | None = 5, *, has_fills: bool = False) -> bool:
    return curve.takes(at(seconds), equity, has_fills=has_fills) is not None


def test_the_first_worth_is_kept_and_then_one_a_minute_of_block_time() -> None:
    curve = Curve(0)
    assert [seconds for seconds in range(0, 181, 12) if kept(curve, seconds)] == [0, 60, 120, 180]


def test_every_fill_is_on_the_curve() -> None:
    curve = Curve(0)
    assert [kept(curve, seconds, has_fills=seconds == 3) for seconds in range(6)] == [
        *(True, False, False),
        *(True, False, False),
    ]


def test_a_worth_that_nobody_knows_is_not_kept_and_the_next_known_one_is() -> None:
    curve = Curve(0)
    assert [kept(curve, 0, None), kept(curve, 1, None, has_fills=True), kept(curve, 2, 9)] == [False, False, True]


def test_two_sessions_keep_theirs_in_different_blocks() -> None:
    curves = [Curve(1), Curve(2)]
    first = [[seconds for seconds in range(1, 120) if kept(curve, seconds)][1] for curve in curves]
    assert first[0] != first[1]


def test_what_is_kept_is_the_worth() -> None:
    assert Curve(0).takes(at(0), -7, has_fills=False) == -7


def test_what_could_not_be_written_is_kept_with_the_next_block() -> None:
    curve = Curve(0)
    assert [kept(curve, 0), kept(curve, 1)] == [True, False]
    curve.forget()
    assert kept(curve, 2)
