import pytest
from hypothesis import given
from hypothesis import strategies as st

from dex.types import BlockRef
from paper_trading.intelligence.price_track import PriceTrack


def block(number: int) -> BlockRef:
    return BlockRef(number=number, hash="", parent_hash="", timestamp=12 * number, base_fee_per_gas=None)


@given(common=st.integers(0, 40), lost=st.integers(0, 6), after=st.integers(0, 20))
def test_a_rewound_track_is_as_if_it_never_saw_the_lost_blocks(common: int, lost: int, after: int) -> None:
    track, straight = PriceTrack(limit=5, keep_blocks=6), PriceTrack(limit=5, keep_blocks=6)
    for number in range(common):
        track.add(block(number), 1.0 + number)
        straight.add(block(number), 1.0 + number)
    for number in range(common, common + lost):
        track.add(block(number), 99.0)
    track.rewind(common - 1)
    for number in range(common, common + after):
        track.add(block(number), 1.0 + number)
        straight.add(block(number), 1.0 + number)
    assert track.series() == straight.series()


def test_a_series_holds_the_newest_prices() -> None:
    track = PriceTrack(limit=3)
    for number in range(10):
        track.add(block(number), 1.0 + number)
    assert list(track.series().prices) == [8.0, 9.0, 10.0]
    assert list(track.series(2).blocks) == [8, 9]
    assert track.series().spacing == 12.0


@pytest.mark.parametrize("price", [0.0, -1.0])
def test_a_price_is_above_nothing(price: float) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        PriceTrack().add(block(1), price)


def test_blocks_come_in_order() -> None:
    track = PriceTrack()
    track.add(block(2), 1.0)
    with pytest.raises(ValueError, match="come after"):
        track.add(block(2), 1.0)
