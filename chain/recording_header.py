"""The ``pool.json`` of a recording: which pool was recorded and how it began."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from chain.errors import ConfigurationError
from chain.networks.fields import Fields
from chain.symbols import clean_symbol
from dex.amm import ConcentratedPool
from dex.amm.errors import PoolError
from dex.amm.tick_math import get_tick_at_sqrt_ratio
from dex.market.pools import PoolInfo, Protocol
from dex.types import PIPS_ONE, Token

KINDS = ("swap", "mint", "burn")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """``fees[i]`` is charged from ``starts[i]`` on; block numbers ascend."""

    starts: tuple[int, ...]
    fees: tuple[int, ...]

    def at(self, block_number: int) -> int:
        """The fee in parts per million; the first one also holds before its block."""
        return self.fees[max(0, bisect_right(self.starts, block_number) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingHeader:
    """``state`` is the pool before the first row: it has a price and no liquidity. ``counts`` are rows by kind."""

    chain_id: int
    pool: PoolInfo
    tokens: tuple[Token, Token]
    state: ConcentratedPool
    fees: FeeSchedule
    first_block: int
    last_block: int
    counts: Mapping[str, int]


def parse_header(raw: bytes, path: Path) -> RecordingHeader:
    """Raises ``ConfigurationError`` naming ``path`` and the key that is missing or wrong."""
    try:
        content = json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: is not a JSON object")
    root = Fields(content, str(path))
    chain_id = root.integer("chain_id", least=1)
    first_block = root.integer("first_block", least=1)
    fees = _fees(root)
    token0, token1 = _tokens(root, content, chain_id, path)
    pool = PoolInfo(
        address=root.address("pool"),
        protocol=Protocol.V3,
        token0=token0.address,
        token1=token1.address,
        fee_pips=fees.at(first_block),
        tick_spacing=root.integer("tick_spacing", least=1),
    )
    return RecordingHeader(
        chain_id=chain_id,
        pool=pool,
        tokens=(token0, token1),
        state=_state(content, pool, path),
        fees=fees,
        first_block=first_block,
        last_block=root.integer("last_block", least=first_block),
        counts=_counts(root),
    )


def _fees(root: Fields) -> FeeSchedule:
    starts: list[int] = []
    fees: list[int] = []
    for fields in root.tables("fee_schedule"):
        starts.append(fields.integer("from_block", least=0))
        fees.append(fields.integer("fee_pips", least=0, most=PIPS_ONE - 1))
    if not starts or any(later <= earlier for earlier, later in pairwise(starts)):
        raise ConfigurationError(f"{root.place}: fee_schedule must be a list of ascending from_block")
    return FeeSchedule(starts=tuple(starts), fees=tuple(fees))


def _tokens(root: Fields, content: Mapping[str, Any], chain_id: int, path: Path) -> tuple[Token, Token]:
    decimals = root.integers("decimals", least=0, most=255)
    symbols = content.get("symbols")
    if not isinstance(symbols, list) or [type(symbol) for symbol in symbols] != [str, str] or len(decimals) != 2:
        raise ConfigurationError(f"{path}: symbols and decimals must be lists of two")
    token0, token1 = (
        Token(
            chain_id=chain_id,
            address=root.address(f"token{i}"),
            symbol=clean_symbol(symbols[i]),
            decimals=decimals[i],
        )
        for i in range(2)
    )
    if int(token0.address, 16) >= int(token1.address, 16):
        raise ConfigurationError(f"{path}: token0 must be below token1")
    return token0, token1


def _state(content: Mapping[str, Any], pool: PoolInfo, path: Path) -> ConcentratedPool:
    try:
        sqrt_price = int(content["initial_sqrt_price_x96"])
        tick = int(content["initial_tick"])
        if get_tick_at_sqrt_ratio(sqrt_price) != tick:
            raise ConfigurationError(f"{path}: initial_tick is not the tick of initial_sqrt_price_x96")
        return ConcentratedPool(
            sqrt_price_x96=sqrt_price,
            tick=tick,
            liquidity=0,
            fee_pips=pool.fee_pips,
            tick_spacing=pool.tick_spacing or 0,
            ticks={},
        )
    except (KeyError, TypeError, ValueError, PoolError) as error:
        raise ConfigurationError(
            f"{path}: initial_sqrt_price_x96 and initial_tick make no pool: {type(error).__name__} {error}"
        ) from error


def _counts(root: Fields) -> Mapping[str, int]:
    tables = root.tables("counts", single=True)
    if not tables:
        raise ConfigurationError(f"{root.place}: counts is missing")
    return {kind: tables[0].integer(kind, least=0) for kind in KINDS}
