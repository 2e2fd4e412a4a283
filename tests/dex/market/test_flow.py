from dex.market.flow import order_flow
from tests.dex.market.test_candles import trade

TRADES = [trade(1, 1.0, -5, 10), trade(2, 1.0, 3, -6), trade(3, 1.0, -(10**30), 2 * 10**30)]


def test_what_leaves_the_pool_was_bought_and_what_enters_it_was_sold() -> None:
    flow = order_flow(TRADES)
    assert (flow.bought0, flow.sold0) == (5 + 10**30, 3)
    assert (flow.bought1, flow.sold1) == (6, 10 + 2 * 10**30)
    assert (flow.buys0, flow.sells0, flow.trades) == (2, 1, 3)
    assert flow.net0 == 2 + 10**30
    assert flow.gross0 == 8 + 10**30


def test_a_window_starts_with_its_first_block_and_time() -> None:
    assert order_flow(TRADES, since_block=2).trades == 2
    assert order_flow(TRADES, since_time=TRADES[2].timestamp).trades == 1
    assert order_flow(TRADES, since_block=4).gross0 == 0
