"""A node's error answers, sorted by what the caller must do."""

import re
from collections.abc import Mapping
from typing import Any

from chain.errors import HistoryUnavailable, NodeUnavailable, RpcError
from dex.errors import DexError

METHOD_NOT_FOUND = -32601

_PRUNED = re.compile(
    r"missing trie node|pruned|(historical )?state (is )?(not|un)available|old data not available|archive|no state"
    r"|required historical state",
    re.IGNORECASE,
)
_UNKNOWN_BLOCK = re.compile(
    r"header not found|header for hash not found|unknown block|block not found|^resource not found"
    r"|block ?out ?of ?range|requested block|cannot find block",
    re.IGNORECASE,
)
_OUT_OF_RANGE = re.compile(r"block height is (?P<head>\d{1,18}) but requested was (?P<asked>\d{1,18})", re.IGNORECASE)
_OVERLOADED = re.compile(
    r"rate limit|too many requests|request limit|capacity|throttl|try again|overloaded|timeout|timed out", re.IGNORECASE
)


def error_of(answer: object, *, node: str) -> DexError:
    """The exception for a JSON-RPC error object of ``node``.

    ``HistoryUnavailable`` for pruned state, ``NodeUnavailable`` where another node or a later try may answer, else
    ``RpcError`` with the node's own code and data.
    """
    fields: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {"message": str(answer)}
    message = str(fields.get("message", "error without a message"))[:300]
    code = fields.get("code")
    if fields.get("data") is None:  # a revert carries data; its text is the contract's and proves nothing
        if _PRUNED.search(message) or _is_below_head(message):
            return HistoryUnavailable(f"node {node} no longer has that state: {message}")
        if _UNKNOWN_BLOCK.search(message):
            return UnknownBlock(f"node {node} does not know that block: {message}")
        if code == 429 or _OVERLOADED.search(message):
            return NodeUnavailable(f"node {node} is overloaded: {message}")
    return RpcError(message, code=code if isinstance(code, int) else None, data=fields.get("data"))


def _is_below_head(message: str) -> bool:
    """anvil's words for a block under its head whose state it does not have, as after a start from a checkpoint."""
    heights = _OUT_OF_RANGE.search(message)
    return heights is not None and int(heights["asked"]) <= int(heights["head"])


class UnknownBlock(NodeUnavailable):
    """The node has not seen the block yet, or a reorg took it."""
