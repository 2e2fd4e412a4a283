"""What a node says is input like any other: an answer of the wrong shape is the node's fault, not a crash of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from chain.errors import NodeUnavailable


@contextmanager
def sane_answers(node: str) -> Iterator[None]:
    """Turns a failure to read an answer of ``node`` (null for bytes, text for a number) into ``NodeUnavailable``."""
    try:
        yield
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise NodeUnavailable(f"node {node} gave an answer that makes no sense ({type(error).__name__})") from error
