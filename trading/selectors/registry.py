"""Reads of the registry, as the values that the rest of the program works with."""

from collections.abc import Iterable

from django.db.models import QuerySet

from api.statements import compiled
from dex.market.pools import PoolInfo, Protocol
from dex.types import Address
from dex.types import Token as TokenValue
from trading.models import Pool, Token
from trading.selectors.rows import Row, token_rows


def known_tokens(*, chain_id: int) -> dict[Address, TokenValue]:
    """Every token ever registered on the chain, by address; empty for an unknown chain."""
    rows = Token.objects.filter(chain__chain_id=chain_id).order_by("address")
    return {Address(row.address): _token(row, chain_id) for row in rows}


def tokens_at(*, addresses: Iterable[str]) -> dict[tuple[int, Address], TokenValue]:
    """The registered tokens of those addresses by (chain id, address), on whatever chain; one query."""
    return {
        (row.chain__chain_id, Address(row.address)): _token(row, row.chain__chain_id)
        for row in _tokens_at(list(set(addresses)))
    }


@compiled
def _tokens_at(addresses: list[str]) -> QuerySet[Token, Row]:
    return token_rows().filter(address__in=addresses)


def pools_between(*, chain_id: int, tokens: Iterable[Address]) -> dict[Address, PoolInfo]:
    """The registered pools whose both tokens are among ``tokens``, by address; one query."""
    wanted = set(tokens)
    rows = Pool.objects.filter(chain__chain_id=chain_id, token0__address__in=wanted, token1__address__in=wanted)
    return {Address(row.address): _pool(row) for row in rows.select_related("token0", "token1").order_by("address")}


def known_pools(*, chain_id: int) -> dict[Address, PoolInfo]:
    """Every pool ever registered on the chain, by address; empty for an unknown chain."""
    rows = Pool.objects.filter(chain__chain_id=chain_id).select_related("token0", "token1").order_by("address")
    return {Address(row.address): _pool(row) for row in rows}


def _token(row: Row, chain_id: int) -> TokenValue:
    return TokenValue(chain_id=chain_id, address=Address(row.address), symbol=row.symbol, decimals=row.decimals)


def _pool(row: Pool) -> PoolInfo:
    return PoolInfo(
        address=Address(row.address),
        protocol=Protocol(row.protocol),
        token0=Address(row.token0.address),
        token1=Address(row.token1.address),
        fee_pips=row.fee_pips,
        tick_spacing=row.tick_spacing,
    )
