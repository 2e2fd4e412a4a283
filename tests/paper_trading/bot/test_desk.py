"""One desk over two V2 pools: what it quotes is what its pools say at the head."""

import pytest

from dex.market.errors import MarketGap
from dex.market.events import BlockUpdate
from paper_trading.bot.desk import Usual
from tests.support.small_desk import (
    ALT,
    DOLLAR,
    FIRST,
    GWEI,
    LONE,
    ONE,
    USD,
    USD_WETH,
    WETH,
    WETH_ALT,
    block,
    desk,
    path,
    pools,
    quiet,
    swapped,
    synced,
)
from trading.router import quote_path

BUY_WETH = path(USD, WETH)


def test_it_stands_at_the_block_that_it_was_started_on() -> None:
    assert desk().head == block(FIRST)


def test_a_quote_is_that_of_the_pools_at_the_head() -> None:
    made = desk()
    update = swapped(pools(), block(FIRST + 1), 100_000 * DOLLAR)
    before = made.buy(WETH.address, 1_000 * DOLLAR)
    made.apply(update)
    after = made.buy(WETH.address, 1_000 * DOLLAR)
    assert before == quote_path(pools(), BUY_WETH, 1_000 * DOLLAR)
    assert after == quote_path(made.market.states, BUY_WETH, 1_000 * DOLLAR) != before


def test_a_token_behind_another_is_bought_over_two_pools() -> None:
    quote = desk().buy(ALT.address, 1_000 * DOLLAR)
    assert quote == quote_path(pools(), path(USD, WETH, ALT), 1_000 * DOLLAR)


def test_a_sale_goes_the_other_way() -> None:
    assert desk().sell(ALT.address, ONE) == quote_path(pools(), path(ALT, WETH, USD), ONE)


@pytest.mark.parametrize("amount", [0, 1])
def test_an_amount_that_buys_nothing_has_no_quote(amount: int) -> None:
    states = pools()
    assert desk(states=states).sell(ALT.address, amount) is None


def test_only_tokens_with_a_path_both_ways_are_held() -> None:
    made = desk(watched=(WETH, LONE))
    assert (made.holds(WETH.address), made.holds(LONE.address), made.holds(ALT.address)) == (True, False, False)


def test_a_token_without_a_pool_has_neither_quote_nor_price() -> None:
    made = desk(watched=(WETH, LONE))
    assert (made.buy(LONE.address, DOLLAR), made.price(LONE), made.reference(LONE.address)) == (None, None, None)


def test_a_price_is_quote_units_per_whole_token_at_mid_price() -> None:
    made = desk()
    assert made.price(WETH) == pytest.approx(2_500.0)
    assert made.price(ALT) == pytest.approx(25.0)


def test_a_price_follows_the_path_by_which_the_token_is_sold() -> None:
    assert desk().reference(ALT.address) == path(ALT, WETH, USD)


def test_every_block_adds_one_price() -> None:
    made = desk()
    made.apply(quiet(FIRST + 1))
    made.apply(swapped(pools(), block(FIRST + 2), 10_000 * DOLLAR))
    series = made.track(WETH.address).series()
    assert list(series.blocks) == [FIRST, FIRST + 1, FIRST + 2]
    assert series.prices[0] == series.prices[1] < series.prices[2]


def test_a_quiet_block_of_a_recording_says_nothing_about_the_price() -> None:
    made = desk(every_block=False)
    made.apply(quiet(FIRST + 1))
    made.apply(swapped(pools(), block(FIRST + 2), 10_000 * DOLLAR))
    assert list(made.track(WETH.address).series().blocks) == [FIRST, FIRST + 2]


def test_a_token_gets_its_reference_when_a_pool_can_first_price_it() -> None:
    states = pools()
    empty = {**states, USD_WETH.address: type(states[USD_WETH.address])(reserve0=0, reserve1=0, fee_pips=3000)}  # type: ignore[call-arg]
    made = desk(states=empty)
    assert made.price(WETH) is None
    made.apply(synced(block(FIRST + 1), 2_500_000 * DOLLAR, 1_000 * ONE))
    assert made.price(WETH) == pytest.approx(2_500.0)
    assert list(made.track(WETH.address).series().blocks) == [FIRST + 1]


def test_the_trades_of_a_token_are_followed() -> None:
    made = desk()
    bought = pools()[USD_WETH.address].quote_exact_in(10_000 * DOLLAR, zero_for_one=True)
    made.apply(swapped(pools(), block(FIRST + 1), 10_000 * DOLLAR))
    assert list(made.flows(WETH.address).signed) == [bought]
    assert list(made.flows(ALT.address).signed) == []


def test_a_trade_between_two_tokens_counts_for_both() -> None:
    made = desk()
    got = pools()[WETH_ALT.address].quote_exact_in(ONE, zero_for_one=True)
    made.apply(swapped(pools(), block(FIRST + 1), ONE, pool=WETH_ALT))
    assert list(made.flows(WETH.address).signed) == [-ONE]
    assert list(made.flows(ALT.address).signed) == [got]


def reorged() -> tuple[BlockUpdate, BlockUpdate]:
    """A block with a swap, and another one in its place in which nobody traded."""
    lost = swapped(pools(), block(FIRST + 1), 100_000 * DOLLAR)
    instead = BlockUpdate(
        block=block(FIRST + 1, fork="b", parent="a", base_fee=5 * GWEI), events=(), removed=(lost.block,)
    )
    return lost, instead


def test_after_a_reorg_everything_is_as_if_the_lost_block_had_never_been() -> None:
    lost, instead = reorged()
    seen, spared = desk(), desk()
    seen.apply(lost)
    seen.apply(instead)
    spared.apply(BlockUpdate(block=instead.block, events=()))
    assert seen.snapshot().states == spared.snapshot().states
    assert seen.track(WETH.address).series() == spared.track(WETH.address).series()
    assert seen.flows(WETH.address) == spared.flows(WETH.address)
    assert seen.base_fees() == spared.base_fees()


def test_a_block_that_does_not_follow_is_refused() -> None:
    with pytest.raises(MarketGap):
        desk().apply(quiet(FIRST + 2))


def test_base_fees_are_those_of_the_blocks_oldest_first() -> None:
    made = desk()
    for number in range(2, 5):
        made.apply(quiet(FIRST + number - 1, base_fee=number * GWEI))
    assert made.base_fees() == (GWEI, 2 * GWEI, 3 * GWEI, 4 * GWEI)


def test_a_recording_has_no_base_fees() -> None:
    made = desk(base_fee=None)
    made.apply(quiet(FIRST + 1, base_fee=None))
    assert made.base_fees() == ()


def test_only_the_newest_base_fees_are_kept() -> None:
    made = desk()
    for number in range(1, 70):
        made.apply(quiet(FIRST + number, base_fee=number))
    assert made.base_fees() == tuple(range(6, 70))


def test_gas_money_is_worth_what_it_would_sell_for() -> None:
    made = desk()
    assert made.native_worth(ONE) == pools()[USD_WETH.address].quote_exact_in(ONE, zero_for_one=False)
    assert made.native_worth(0) == 0


def test_gas_money_is_worth_itself_where_it_is_the_quote_token() -> None:
    made = desk(quote=WETH, watched=(ALT,), probe=ONE // 100)
    assert (made.native_worth(12_345), made.native_estimate(12_345)) == (12_345, 12_345)


def test_gas_too_little_to_sell_is_worth_its_part_of_the_last_rate_rounded_up() -> None:
    made = desk()
    sold = 10**18
    brought = made.native_worth(sold)
    assert brought is not None
    assert made.native_worth(1) == 1
    assert made.native_worth(10**6) == -(-(10**6) * brought // sold)


def test_gas_that_nothing_was_ever_sold_for_has_no_worth() -> None:
    states = pools()
    empty = {**states, USD_WETH.address: type(states[USD_WETH.address])(reserve0=0, reserve1=0, fee_pips=3000)}  # type: ignore[call-arg]
    made = desk(states=empty)
    assert (made.native_worth(ONE), made.native_estimate(ONE)) == (None, None)


def test_an_estimate_follows_the_head() -> None:
    made = desk()
    before = made.native_estimate(10**15)
    made.apply(swapped(pools(), block(FIRST + 1), 500_000 * DOLLAR))
    after = made.native_estimate(10**15)
    assert before is not None
    assert after is not None
    assert before == pytest.approx(2_500_000 * 0.997, rel=1e-3)
    assert after > 1.3 * before


def test_a_probe_of_a_path_from_the_quote_token_is_the_probe_itself() -> None:
    assert desk(probe=70 * DOLLAR).probe_amount(path(USD, WETH, ALT)) == 70 * DOLLAR


def test_a_probe_of_a_sale_is_about_as_much_of_the_token() -> None:
    amount = desk(probe=70 * DOLLAR).probe_amount(path(ALT, WETH, USD))
    assert amount == quote_path(pools(), path(USD, WETH, ALT), 70 * DOLLAR).amount_out


def test_a_path_that_cannot_take_the_amount_has_no_quote() -> None:
    made = desk()
    assert made.quote_path(BUY_WETH, DOLLAR) == quote_path(pools(), BUY_WETH, DOLLAR)
    assert made.quote_path(BUY_WETH, 0) is None


def test_pools_that_did_not_change_keep_what_was_computed_of_them() -> None:
    made = desk()
    before = dict(made.pools)
    made.apply(swapped(pools(), block(FIRST + 1), 10_000 * DOLLAR))
    assert made.pools[WETH_ALT.address] is before[WETH_ALT.address]
    assert made.pools[USD_WETH.address] is not before[USD_WETH.address]


def test_a_price_is_that_of_the_head() -> None:
    made = desk()
    before = made.price(WETH)
    made.apply(swapped(pools(), block(FIRST + 1), 500_000 * DOLLAR))
    after = made.price(WETH)
    assert before is not None
    assert after is not None
    assert after > before


def test_what_a_token_showed_at_one_head_is_not_shown_at_the_next() -> None:
    made = desk()
    first = made.facts(WETH.address)
    assert made.facts(WETH.address) is first
    made.apply(quiet(FIRST + 1))
    assert made.facts(WETH.address).head == block(FIRST + 1)
    assert list(made.facts(WETH.address).prices.blocks) == [FIRST, FIRST + 1]


def test_a_round_trip_never_costs_less_than_the_facts_say() -> None:
    made = desk()
    least = made.facts(ALT.address).least_cost_bps
    for dollars in (1, 100, 10_000):
        bought = made.buy(ALT.address, dollars * DOLLAR)
        assert bought is not None
        sold = made.sell(ALT.address, bought.amount_out)
        assert sold is not None
        lost = 10_000 * (dollars * DOLLAR - sold.amount_out) / (dollars * DOLLAR)
        assert lost >= least > 119


def test_sizes_between_two_powers_of_two_have_the_same_usual_paths() -> None:
    made = desk()
    assert made.usual(WETH.address, 1_000) is made.usual(WETH.address, 1_023)
    assert made.usual(WETH.address, 50 * DOLLAR).buy == path(USD, WETH)
    assert made.usual(WETH.address, 50 * DOLLAR).sell == path(WETH, USD)


def test_where_there_is_no_way_there_is_no_usual_one() -> None:
    empty = type(pools()[USD_WETH.address])(reserve0=0, reserve1=0, fee_pips=3000)  # type: ignore[call-arg]
    made = desk(states=pools() | {USD_WETH.address: empty})
    assert made.usual(WETH.address, DOLLAR) == Usual(buy=None, sell=None)
