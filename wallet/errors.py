"""What can go wrong with users and tokens, by what the caller must do."""

from chain.errors import ConfigurationError


class UnknownUserError(ConfigurationError):
    """Nobody here has that user name."""


class UnknownTokenError(ConfigurationError):
    """There is no such token, or it is another user's."""


class WrongTokenRequest(ConfigurationError):
    """No token can be made of what was asked for."""
