"""The hub of this process and its guests, made when the first socket needs them."""

from dataclasses import dataclass

from paper_trading.feed.guests import Guests
from paper_trading.feed.hub import Hub
from paper_trading.feed.log import log
from paper_trading.feed.memory_log import MemoryLog
from paper_trading.feed.memory_source import MemorySource
from paper_trading.feed.redis_log import RedisLog
from paper_trading.feed.redis_source import RedisSource
from paper_trading.feed.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    hub: Hub
    guests: Guests


_house: House | None = None


def house() -> House:
    """To be called in the loop that serves sockets: it lives there."""
    global _house  # noqa: PLW0603 - one a process, made when it is first needed
    if _house is None:
        hub = Hub(_source(), ended=_forget)
        _house = House(hub=hub, guests=Guests(hub))
    return _house


def _source() -> Source:
    where = log()
    if isinstance(where, MemoryLog):
        return MemorySource(where)
    if isinstance(where, RedisLog):
        return RedisSource(where.url, where.prefix)
    raise TypeError(f"nobody can listen to {where}")


def _forget() -> None:
    global _house  # noqa: PLW0603
    if _house is not None:
        _house.guests.close()
    _house = None
