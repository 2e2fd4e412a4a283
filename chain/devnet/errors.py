"""What can go wrong with the local chain."""

from chain.errors import ConfigurationError
from dex.errors import DexError, HaltSession


class PortBusy(ConfigurationError):
    """The port that was asked for is taken by another program."""


class DirectoryBusy(ConfigurationError):
    """Another process already runs the chain of this directory."""


class DevnetCrashed(HaltSession):
    """The local node ended by itself; the message carries its last words. Starting again resumes the chain."""


class ReplayDiverged(HaltSession):
    """The journal, played again, gave another chain than it recorded."""


class CheckpointUnusable(DexError):
    """A checkpoint that does not lead to the chain of the journal: the whole journal is played instead."""
