"""What can go wrong with the books, by what the caller must do."""

from chain.errors import ConfigurationError
from dex.errors import HaltSession, SkipTrade


class InsufficientBalance(SkipTrade):
    """The wallet does not hold what the posting would take from it."""


class PositionExceeded(SkipTrade):
    """The sale is larger than the open position it would close."""


class UnbalancedPosting(HaltSession):
    """A posting does not sum to zero in every token: a programming error, and nothing was written."""


class AlreadyBooked(HaltSession):
    """The trade is booked with another result, or is past booking: two writers, or a replay that differs."""


class UnbookRefused(HaltSession):
    """Only the newest booked trade of an account can be un-booked, and never across a reset."""


class CommandOver(SkipTrade):
    """An order by hand was carried out, or refused, already: nothing is ordered for it again."""


class AccountExistsError(ConfigurationError):
    """The user already has an account of that name on this chain."""


class SessionStillOpenError(ConfigurationError):
    """The account has a session that has not ended."""


class BackgroundUnavailable(ConfigurationError):
    """Nothing is there that could run a session in the background; the line says what is missing."""


class SessionNotRunning(ConfigurationError):
    """What was asked needs a session that has not ended."""


class WrongRequest(ConfigurationError):
    """What was asked for does not fit what is there; ``field`` names the part of the request."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field
