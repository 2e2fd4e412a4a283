"""Writes of the registry."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from chain.networks import Network
from chain.source import MarketStart
from chain.symbols import clean_symbol
from dex.market.pools import PoolInfo
from dex.types import Address
from dex.types import Token as TokenValue
from trading.models import Chain, Pool, Token


def register_market(*, start: MarketStart, network: Network) -> Chain:
    """Records the chain, every token and every pool that ``start`` brings; what is there already is brought up to date.

    All or nothing. Every token of a pool must be in ``start.tokens`` or on the network's list (``KeyError`` else).
    """
    with transaction.atomic():
        chain, _ = Chain.objects.update_or_create(chain_id=network.chain_id, defaults={"name": network.name})
        listed = {token.address: token for token in network.tokens}
        _register_tokens(chain, {**listed, **start.tokens}.values())
        tokens = {Address(token.address): token for token in chain.tokens.all()}
        _register_pools(chain, start.pools.values(), tokens)
    return chain


def _register_tokens(chain: Chain, tokens: Iterable[TokenValue]) -> None:
    rows = [
        Token(chain=chain, address=token.address, symbol=clean_symbol(token.symbol), decimals=token.decimals)
        for token in tokens
    ]
    Token.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["chain", "address"], update_fields=["symbol", "decimals"]
    )


def _register_pools(chain: Chain, pools: Iterable[PoolInfo], tokens: Mapping[Address, Token]) -> None:
    rows = [
        Pool(
            chain=chain,
            address=pool.address,
            protocol=pool.protocol.value,
            token0=tokens[pool.token0],
            token1=tokens[pool.token1],
            fee_pips=pool.fee_pips,
            tick_spacing=pool.tick_spacing,
        )
        for pool in pools
    ]
    Pool.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["chain", "address"],
        update_fields=["protocol", "token0", "token1", "fee_pips", "tick_spacing"],
    )
