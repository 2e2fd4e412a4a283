from dataclasses import replace
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

import chain.networks
from chain.networks import load_networks
from chain.source import MarketStart
from dex.market.pools import Protocol
from dex.types import Address, BlockRef, Token
from tests.support.paths import address, pool_info
from trading import models
from trading.selectors import known_pools, known_tokens
from trading.services import register_market

pytestmark = pytest.mark.django_db

ETHEREUM = load_networks(Path(chain.networks.__file__).parent)["ethereum"]
HEAD = BlockRef(number=1, hash="0x01", parent_hash="0x00", timestamp=1, base_fee_per_gas=1)
A, B, C = address(1), address(2), address(3)


def token(at: Address, symbol: str = "TKN", decimals: int = 18) -> Token:
    return Token(chain_id=1, address=at, symbol=symbol, decimals=decimals)


def start(*tokens: Token) -> MarketStart:
    pools = (pool_info(11, A, B), pool_info(12, A, B, protocol=Protocol.V3))
    return MarketStart(
        block=HEAD,
        tokens={one.address: one for one in tokens or (token(A, "AAA", 0), token(B, "BBB", 255))},
        pools={pool.address: pool for pool in pools},
        states={},
    )


def test_a_registered_market_reads_back_as_it_was() -> None:
    market = start()
    register_market(start=market, network=ETHEREUM)
    assert known_pools(chain_id=1) == market.pools
    assert known_tokens(chain_id=1).items() >= market.tokens.items()


def test_the_networks_own_tokens_are_registered_too() -> None:
    register_market(start=start(), network=ETHEREUM)
    assert known_tokens(chain_id=1).items() >= {one.address: one for one in ETHEREUM.tokens}.items()


def test_registering_twice_changes_nothing() -> None:
    register_market(start=start(), network=ETHEREUM)
    before = list(models.Token.objects.values_list("pk", "address")) + list(
        models.Pool.objects.values_list("pk", "fee_pips")
    )
    register_market(start=start(), network=ETHEREUM)
    after = list(models.Token.objects.values_list("pk", "address")) + list(
        models.Pool.objects.values_list("pk", "fee_pips")
    )
    assert (before, models.Chain.objects.count()) == (after, 1)


def test_what_changed_is_brought_up_to_date() -> None:
    register_market(start=start(), network=ETHEREUM)
    market = start(token(A, "NEW", 7), token(B))
    pool = replace(pool_info(11, A, B), fee_pips=500)
    register_market(start=replace(market, pools={pool.address: pool}), network=ETHEREUM)
    assert known_tokens(chain_id=1)[A] == token(A, "NEW", 7)
    assert known_pools(chain_id=1)[pool.address].fee_pips == 500


def test_pools_that_are_gone_from_the_market_stay_known() -> None:
    register_market(start=start(), network=ETHEREUM)
    register_market(start=replace(start(), pools={}), network=ETHEREUM)
    assert len(known_pools(chain_id=1)) == 2


def test_a_hostile_symbol_is_cleaned_before_it_is_stored() -> None:
    register_market(start=start(token(A, "US\u202eDC\x00" + "!" * 500), token(B)), network=ETHEREUM)
    assert known_tokens(chain_id=1)[A].symbol == "USDC!!!!!!!!!!!!"


def test_a_pool_of_an_unknown_token_leaves_nothing_behind() -> None:
    with pytest.raises(KeyError):
        register_market(start=start(token(A)), network=ETHEREUM)
    assert not models.Chain.objects.exists()


def test_the_same_address_on_two_chains_is_two_tokens() -> None:
    register_market(start=start(), network=ETHEREUM)
    other = replace(ETHEREUM, chain_id=5, name="other")
    register_market(start=start(), network=other)
    assert A in known_tokens(chain_id=1)
    assert A in known_tokens(chain_id=5)


def test_an_unknown_chain_has_nothing() -> None:
    assert known_tokens(chain_id=99) == {}
    assert known_pools(chain_id=99) == {}


def test_the_database_refuses_a_second_token_of_the_same_address() -> None:
    register_market(start=start(), network=ETHEREUM)
    [known] = models.Token.objects.filter(address=A)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Token.objects.create(chain=known.chain, address=A, symbol="X", decimals=1)
