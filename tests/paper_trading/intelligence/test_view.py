import pytest

from dex.market.pools import Protocol
from dex.routing.plan import Hop, Path
from dex.types import Address
from paper_trading.intelligence.base import PositionView
from paper_trading.intelligence.intel_slider import level
from paper_trading.intelligence.limits import candidate_sizes
from paper_trading.intelligence.quotes import path_fee_bps, quote_ladder, quote_path, reversed_path
from paper_trading.intelligence.view import GasCosts, Health, build_view, human_price
from tests.paper_trading.intelligence.views import portfolio
from tests.support.living_market import DOLLAR, POOL, QUOTE, TOKEN, LivingMarket, Session, flat_price

BUY = Path(hops=(Hop(pool=POOL, protocol=Protocol.V2, token_in=QUOTE.address, token_out=TOKEN.address, fee_pips=3000),))


def played() -> Session:
    session = Session(LivingMarket(flat_price(60, 3), seed=3), level(8))
    session.run()
    return session


def test_the_way_back_is_quoted_on_the_state_before_the_buy() -> None:
    states = {POOL: LivingMarket([]).pool}
    (quote,) = quote_ladder(states, BUY, [5_000 * DOLLAR])
    after, _ = states[POOL].swap(5_000 * DOLLAR, zero_for_one=False)
    straight_back = after.quote_exact_in(quote.amount_out, zero_for_one=True)
    assert quote.back == states[POOL].quote_exact_in(quote.amount_out, zero_for_one=True)
    assert quote.back < straight_back


def test_a_ladder_rises_and_leaves_out_what_cannot_be_filled() -> None:
    states = {POOL: LivingMarket([]).pool}
    ladder = quote_ladder(states, BUY, [9_000 * DOLLAR, 10 * DOLLAR, 0, 2**255])
    assert [quote.amount_in for quote in ladder] == [10 * DOLLAR, 9_000 * DOLLAR]


def test_a_path_reversed_twice_is_itself() -> None:
    assert reversed_path(reversed_path(BUY)) == BUY
    assert reversed_path(BUY).tokens == (TOKEN.address, QUOTE.address)


def test_a_path_of_two_hops_is_walked_from_its_other_end() -> None:
    middle = Address("0x" + "44" * 20)
    ends = ((QUOTE.address, middle), (middle, TOKEN.address))
    hops = tuple(
        Hop(pool=POOL, protocol=Protocol.V2, token_in=start, token_out=end, fee_pips=3000) for start, end in ends
    )
    assert reversed_path(Path(hops=hops)).tokens == (TOKEN.address, middle, QUOTE.address)


def test_fees_of_a_path_compound() -> None:
    states = {POOL: LivingMarket([]).pool}
    assert path_fee_bps(states, BUY) == pytest.approx(30.0)
    assert path_fee_bps(states, Path(hops=BUY.hops * 2)) == pytest.approx(59.91)


def test_a_price_is_quote_units_per_token_for_people() -> None:
    assert human_price({POOL: LivingMarket([]).pool}, BUY, token=TOKEN, quote=QUOTE) == pytest.approx(1.0)


def test_a_position_is_worth_the_exact_quote_of_all_of_it() -> None:
    session = played()
    position = PositionView(quantity=5 * 10**20, cost=1, opened_block=1, opened_time=1, peak_worth=1)
    seen = build_view(
        session.market.states,
        head=session.market.head,
        token=TOKEN,
        quote=QUOTE,
        buy=BUY,
        sell=None,
        sizes=candidate_sizes(level(8), portfolio()),
        prices=session.track.series(),
        flows=session.flows.series(),
        position=position,
        gas=GasCosts(),
        base_fees=(),
        health=Health(),
    )
    assert seen.exit_worth == quote_path(session.market.states, reversed_path(BUY), 5 * 10**20)
    assert [quote.amount_in for quote in seen.ladder] == [225 * DOLLAR, 450 * DOLLAR, 900 * DOLLAR, 1_800 * DOLLAR]


def test_without_a_path_there_is_no_quote() -> None:
    session = played()
    seen = build_view(
        session.market.states,
        head=session.market.head,
        token=TOKEN,
        quote=QUOTE,
        buy=None,
        sell=None,
        sizes=(DOLLAR,),
        prices=session.track.series(),
        flows=session.flows.series(),
        position=PositionView(quantity=1, cost=1, opened_block=1, opened_time=1, peak_worth=1),
        gas=GasCosts(),
        base_fees=(),
        health=Health(),
    )
    assert (seen.ladder, seen.exit_worth) == ((), None)
