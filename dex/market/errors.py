"""What can go wrong with a market rebuilt from events, by what the caller must do."""

from dex.errors import HaltSession, Retryable, SkipTrade


class MarketGap(Retryable):
    """An update does not follow on the head: blocks are missing, so fetch them or load the state again."""


class MarketCorrupt(HaltSession):
    """An event cannot have happened in the state that we hold, so the state is no longer trusted."""


class RewindTooDeep(HaltSession):
    """A block before the oldest kept one was asked for."""


class NoPrice(SkipTrade):
    """The pool is empty or not initialised: it has no price."""
