"""What can go wrong with users, wallets, logins and tokens, by what the caller must do."""

from collections.abc import Sequence

from chain.errors import ConfigurationError
from dex.errors import DexError


class UnknownUserError(ConfigurationError):
    """Nobody here has that user name."""


class WrongUserName(ConfigurationError):
    """A name that no new user can have."""


class UnknownTokenError(ConfigurationError):
    """There is no such token, or it is another user's."""


class WrongTokenRequest(ConfigurationError):
    """No token can be made of what was asked for."""


class WrongAddress(ConfigurationError):
    """A text that is no address."""

    field = "address"


class UnknownWallet(ConfigurationError):
    """There is no such wallet, or it is another user's."""


class WalletTaken(ConfigurationError):
    """That address is there already."""


class LastWallet(ConfigurationError):
    """Without it, nobody could log in as its user any more."""


class WrongLabel(ConfigurationError):
    """A text that cannot be a wallet's label."""

    field = "label"


class WrongLoginChain(ConfigurationError):
    """The wallet is on a chain that no network file names. ``accepted`` are the ids that are."""

    def __init__(self, message: str, *, accepted: Sequence[int]) -> None:
        super().__init__(message)
        self.accepted = accepted


class UnknownLogin(ConfigurationError):
    """There is no such login, or it is another user's, or it has ended."""


class WrongStepUp(ConfigurationError):
    """No step-up can be asked for with that action or those parameters."""


class LoginRefused(DexError):
    """Whoever asks has not shown to be somebody who may log in. ``code`` is a word for programs."""

    code = "refused"


class ChallengeOver(LoginRefused):
    """There is no such message, it was used, it is too old or too young, or another browser asked for it."""

    code = "challenge_over"


class WrongSignature(LoginRefused):
    """The signature is not one that the address's key makes of the message."""

    code = "wrong_signature"


class NotAllowed(LoginRefused):
    """The wallet is who it says it is, and may not log in."""

    code = "not_allowed"


class StepUpNeeded(DexError):
    """The action needs a signature of its own, for exactly these parameters."""


class TicketRefused(DexError):
    """The ticket is unknown, over, or used, or who it was made for may not enter any more."""


class SocketRefused(DexError):
    """Whoever opens the WebSocket has not shown that they may."""


class SocketLoginOver(DexError):
    """One of our own pages opens the WebSocket, but nobody is logged in there any more."""
