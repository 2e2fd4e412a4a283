"""What a chain looks like, written once a block by the process that follows it, for those that do not."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from django.db import transaction
from django.db.models.functions import Now

from chain.networks import Network
from dex.types import Address, BlockRef
from trading.models import Candle, Chain, Market

MINUTE = 60
COLUMNS = ("open", "high", "low", "close", "volume", "trades")


class Prices(Protocol):
    """Closing mid prices, oldest first, as columns; ``times`` are block times in seconds."""

    @property
    def times(self) -> Sequence[int]: ...

    @property
    def prices(self) -> Sequence[float]: ...


class Flows(Protocol):
    """Trades, oldest first, as columns; ``signed`` is base units of the token, + where it was bought."""

    @property
    def times(self) -> Sequence[int]: ...

    @property
    def signed(self) -> Sequence[int]: ...


def observe_market(
    *,
    network: Network,
    chain_key: str,
    head: BlockRef,
    since: int,
    tip: int,
    prices: Mapping[Address, float],
    tracks: Mapping[Address, Prices],
    flows: Mapping[Address, Flows],
) -> Market:
    """Write the market as of ``head``, and the minute that it is in as a candle of every token.

    The minutes from ``since`` (unix seconds) up to it are written anew: a reorg may have changed them. What came before
    the tracks began stays as it is.
    """
    with transaction.atomic():
        chain, _ = Chain.objects.get_or_create(chain_id=network.chain_id, defaults={"name": network.name})
        seen = {
            "head_number": head.number,
            "head_hash": head.hash,
            "head_time": datetime.fromtimestamp(head.timestamp, tz=UTC),
            "base_fee": head.base_fee_per_gas,
            "tip": tip,
            "prices": {str(token): price for token, price in prices.items()},
            "observed_at": Now(),
            "problem": "",
        }
        fixed = {"chain": chain, "quote_token": network.quote_token}
        market, _ = Market.objects.update_or_create(
            chain_key=chain_key, defaults=seen, create_defaults={**fixed, **seen}
        )
        Candle.objects.bulk_create(
            [
                candle
                for token, track in tracks.items()
                for candle in _candles(market, token, track, flows[token], since - since % MINUTE)
            ],
            update_conflicts=True,
            unique_fields=["market", "token", "opened_at"],
            update_fields=COLUMNS,
        )
    return market


def note_trouble(*, chain_key: str, problem: str) -> None:
    """Why nothing is traded on a chain just now; its next head takes the word back."""
    Market.objects.filter(chain_key=chain_key).update(problem=problem)


def _candles(market: Market, token: Address, track: Prices, flow: Flows, since: int) -> list[Candle]:
    """One for every minute from ``since`` on

    The open is the first price inside the minute.
    """
    start = bisect_left(track.times, since)
    minutes: dict[int, list[float]] = {}
    for time, price in zip(track.times[start:], track.prices[start:], strict=True):
        minutes.setdefault(time - time % MINUTE, []).append(price)
    return [
        Candle(
            market=market,
            token=token,
            opened_at=datetime.fromtimestamp(minute, tz=UTC),
            open=prices[0],
            high=max(prices),
            low=min(prices),
            close=prices[-1],
            **_volume(flow, minute),
        )
        for minute, prices in minutes.items()
    ]


def _volume(flow: Flows, minute: int) -> dict[str, int]:
    traded = flow.signed[bisect_left(flow.times, minute) : bisect_left(flow.times, minute + MINUTE)]
    return {"volume": sum(abs(amount) for amount in traded), "trades": len(traded)}
