"""What can go wrong between us and a node, by what the caller must do."""

from dex.errors import DexError, HaltSession, Retryable


class ConfigurationError(DexError):
    """The user asked for something that cannot be: one clear line, then exit."""


class NodeUnavailable(Retryable):
    """No node answered in time."""


class NodeDisagrees(Retryable):
    """A node contradicts itself or its peers; nothing may trade until it is resolved."""


class WrongChain(HaltSession):
    """The node serves another chain than the session trades on."""


class HistoryUnavailable(HaltSession):
    """The node no longer holds the state of the block that was asked for."""


class OverridesUnsupported(DexError):
    """The node cannot execute a call with state overrides; the model alone must fill."""


class SlotNotFound(DexError):
    """No storage slot could be found for a token's balance or allowance."""


class RpcError(DexError):
    """The node answered with an error that repeating will not mend. ``code`` and ``data`` are the node's own."""

    def __init__(self, message: str, *, code: int | None = None, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data
