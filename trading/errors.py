"""Why the router makes no plan."""

from dex.errors import SkipTrade


class NoRoute(SkipTrade):
    """No path fills the whole amount in the present state of its pools."""


class NothingToReceive(SkipTrade):
    """The quote is so small that no minimum above zero would protect it."""
