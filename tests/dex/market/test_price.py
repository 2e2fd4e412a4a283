from dataclasses import replace

import pytest

from dex.amm import ConstantProductPool
from dex.market.errors import NoPrice
from dex.market.pools import Protocol
from dex.market.price import hops_price, mid_price
from dex.routing.plan import Hop
from tests.dex.market.chains import TOKEN0, TOKEN1, V2, V3, genesis_states


def hop(pool: str, *, forth: bool) -> Hop:
    ends = (TOKEN0, TOKEN1) if forth else (TOKEN1, TOKEN0)
    return Hop(pool=pool, protocol=Protocol.V2, token_in=ends[0], token_out=ends[1], fee_pips=3000)


def test_a_mid_price_is_token1_per_token0() -> None:
    states = genesis_states()
    assert mid_price(states[V2]) == 2.0
    assert mid_price(replace(states[V3], sqrt_price_x96=2**97)) == 4.0


def test_a_path_multiplies_its_hops_in_their_directions() -> None:
    states = genesis_states()
    assert hops_price(states, [hop(V2, forth=True)]) == 2.0
    assert hops_price(states, [hop(V2, forth=False)]) == 0.5
    assert hops_price(states, [hop(V2, forth=True), hop(V2, forth=False)]) == 1.0


def test_an_empty_pool_has_no_price() -> None:
    with pytest.raises(NoPrice):
        mid_price(ConstantProductPool(reserve0=0, reserve1=0, fee_pips=3000))
