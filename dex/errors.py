"""Errors whose class says what the caller must do."""


class DexError(Exception):
    """Root of all errors that this project raises on purpose."""


class Retryable(DexError):
    """The same request may succeed later: a time-out, a lagging node."""


class SkipTrade(DexError):
    """This trade cannot or must not be made; the session goes on."""


class HaltSession(DexError):
    """The session must stop: its data or its books can no longer be trusted."""
