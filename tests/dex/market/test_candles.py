from dex.market.candles import Candle, block_candle, merge_by_blocks, merge_by_time
from dex.market.trades import Trade
from tests.dex.market.chains import V2


def trade(number: int, price: float, amount0: int = -5, amount1: int = 10) -> Trade:
    return Trade(
        pool=V2,
        block_number=number,
        timestamp=100 + 12 * number,
        log_index=0,
        amount0=amount0,
        amount1=amount1,
        price=price,
    )


def candle(number: int, *prices: float) -> Candle:
    return block_candle([trade(number, price) for price in prices[1:]], prices[0])


def test_a_block_candle_opens_at_the_price_before_its_first_trade() -> None:
    found = candle(7, 2.0, 3.0, 1.5, 2.5)
    assert (found.open, found.high, found.low, found.close) == (2.0, 3.0, 1.5, 2.5)
    assert (found.volume0, found.volume1, found.trades) == (15, 30, 3)
    assert (found.start_block, found.end_block, found.start_time) == (7, 7, 184)


def test_volume_counts_both_directions() -> None:
    found = block_candle([trade(1, 1.0, -5, 10), trade(1, 1.0, 4, -9)], 1.0)
    assert (found.volume0, found.volume1) == (9, 19)


def test_merging_by_blocks_keeps_extremes_and_sums() -> None:
    first, second = merge_by_blocks([candle(8, 1.0, 4.0), candle(9, 4.0, 0.5), candle(10, 0.5, 2.0)], 10)
    assert (first.open, first.high, first.low, first.close, first.trades) == (1.0, 4.0, 0.5, 0.5, 2)
    assert (first.start_block, first.end_block) == (8, 9)
    assert (second.start_block, second.close) == (10, 2.0)


def test_merging_by_time_starts_a_bucket_at_its_multiple() -> None:
    merged = merge_by_time([candle(1, 1.0, 2.0), candle(2, 2.0, 3.0), candle(7, 3.0, 1.0)], 60)
    assert [(found.start_time, found.end_time) for found in merged] == [(112, 112), (124, 124), (184, 184)]
    merged = merge_by_time([candle(1, 1.0, 2.0), candle(2, 2.0, 3.0), candle(7, 3.0, 1.0)], 120)
    assert [(found.start_time, found.end_time) for found in merged] == [(112, 112), (124, 184)]


def test_a_bucket_without_a_trade_has_no_candle() -> None:
    assert len(merge_by_blocks([candle(1, 1.0, 2.0), candle(90, 2.0, 3.0)], 10)) == 2


def test_the_price_before_the_first_trade_can_be_the_extreme() -> None:
    assert candle(1, 5.0, 3.0, 4.0).high == 5.0
    assert candle(1, 1.0, 3.0, 4.0).low == 1.0
