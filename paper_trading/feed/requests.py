"""What a client may say, read strictly."""

import json
from dataclasses import dataclass

from paper_trading.feed.envelope import Mark

MOST_CHARACTERS = 1_000
MOST_TEXT = 100
MOST_SEQ = 2**53
OPERATIONS = ("subscribe", "unsubscribe", "ping")


class Malformed(ValueError):
    """A client that says this is broken: nothing that it says next can be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    op: str
    topic: str = ""
    mark: Mark | None = None


def parsed(text: str) -> Request:
    """Raises ``Malformed``."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("this is no JSON") from error
    if not isinstance(said, dict) or said.get("op") not in OPERATIONS:
        raise Malformed(f"op is one of {', '.join(OPERATIONS)}")
    if said["op"] == "ping":
        return Request(op="ping")
    return Request(op=said["op"], topic=_text(said.get("topic")), mark=_mark(said))


def _mark(said: dict[str, object]) -> Mark | None:
    epoch, seq = said.get("epoch"), said.get("seq")
    if epoch is None and seq is None:
        return None
    if type(seq) is not int or not 0 <= seq < MOST_SEQ:
        raise Malformed("seq is a number from 0")
    return Mark(epoch=_text(epoch), seq=seq)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MOST_TEXT or not (value.isascii() and value.isprintable()):
        raise Malformed("topic and epoch are short texts")
    return value
