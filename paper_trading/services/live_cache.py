"""The newest market and worths beside the database, so that frequent readers spare it; the rows stay the truth.

A host puts what it has just committed. A reader who finds nothing, because it is older than a minute or Redis is away,
reads the row and gets the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from django.core.cache import cache

from paper_trading.models import BotSession
from trading.models import Market

SECONDS = 60


class MarketValues(TypedDict):
    """See ``trading.models.Market``. ``block`` is the head's number; ``time`` and ``observed_at`` are ISO 8601;
    ``base_fee`` and ``tip`` are wei as text."""

    block: int
    hash: str
    time: str
    base_fee: str | None
    tip: str
    prices: dict[str, Any]
    quote_token: str
    node: str
    problem: str
    observed_at: str


class WorthValues(TypedDict):
    """A session as of ``block``, its cursor: ``equity`` and the exit worth by position id, as text in quote units."""

    block: int | None
    equity: str | None
    worths: dict[str, str | None]


def market_values(row: Market) -> MarketValues:
    return MarketValues(
        block=row.head_number,
        hash=row.head_hash,
        time=row.head_time.isoformat(),
        base_fee=None if row.base_fee is None else str(row.base_fee),
        tip=str(row.tip),
        prices=row.prices,
        quote_token=row.quote_token,
        node=row.node,
        problem=row.problem,
        observed_at=row.observed_at.isoformat(),
    )


def put_market(chain_key: str, values: MarketValues) -> None:
    cache.set(_market_key(chain_key), values, SECONDS)


def get_market(chain_key: str) -> MarketValues | None:
    """None where no host has followed that chain yet."""
    found: MarketValues | None = cache.get(_market_key(chain_key))
    if found is not None:
        return found
    row = Market.objects.filter(chain_key=chain_key).first()
    return None if row is None else market_values(row)


def put_worths(values: Mapping[int, WorthValues]) -> None:
    """By session id, in one round trip."""
    cache.set_many({_worth_key(session_id): worth for session_id, worth in values.items()}, SECONDS)


def get_worths(session_ids: Iterable[int]) -> dict[int, WorthValues]:
    """In at most one look-up and one query, whatever the number. A session that does not exist is left out.

    Nobody's right to see a session is checked here.
    """
    keys = {_worth_key(session_id): session_id for session_id in session_ids}
    found = {keys[key]: worth for key, worth in cache.get_many(keys).items()}
    missing = [session_id for session_id in keys.values() if session_id not in found]
    return found | _stored_worths(missing)


def _stored_worths(session_ids: list[int]) -> dict[int, WorthValues]:
    if not session_ids:
        return {}
    rows = BotSession.objects.filter(pk__in=session_ids).values_list("pk", "cursor_block", "equity", "worths")
    return {
        session_id: WorthValues(block=block, equity=None if equity is None else str(equity), worths=worths)
        for session_id, block, equity, worths in rows
    }


def _market_key(chain_key: str) -> str:
    return f"market:{chain_key}"


def _worth_key(session_id: int) -> str:
    return f"worth:{session_id}"
