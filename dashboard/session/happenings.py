"""What happened to a session, line by line, as the feed told it: the newest frames of its topic in words.

What happened stays as it is: each line is written once and kept.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.utils.safestring import SafeString
from redis.exceptions import RedisError

from dashboard.lines import line
from dashboard.parts import Ask
from dashboard.session.subject import Subject
from dex.types import Address
from paper_trading.feed import log as feed
from paper_trading.feed.envelope import session_topic

MOST_READ = 400
MOST_SHOWN = 50
KEPT = 2_000

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """``seq`` is its frame's; ``kind`` good, bad or nothing; ``trade`` the id of the trade that it is about, None where
    it is about none."""

    seq: int
    at: datetime
    words: str
    reason: str
    kind: str
    block: int | None
    trade: int | None


def happenings(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """The newest first. Decisions and positions have lists of their own and are left out."""
    try:
        frames = feed.tail(session_topic(subject.pk), count=MOST_READ)
    except RedisError:
        return {"lines": [], "is_away": True}
    told = [_told(frame.text) for frame in reversed(frames)]
    shown = [one for one in told if one["type"] in WORDS][:MOST_SHOWN]
    subject.know(*(token for one in shown if (token := _token(one["data"])) is not None))
    return {"lines": [line_of(_happening(one, subject)) for one in shown], "is_away": False}


@lru_cache(maxsize=KEPT)
def _told(text: str) -> Data:
    told: Data = json.loads(text)
    return told


@lru_cache(maxsize=KEPT)
def line_of(one: Happening) -> SafeString:
    return line("session/happening.html", one=one)


def _happening(told: Mapping[str, Any], subject: Subject) -> Happening:
    data: Data = told["data"]
    token = _token(data)
    words, kind = WORDS[told["type"]](data, "" if token is None else subject.token(token).symbol)
    return Happening(
        seq=told["seq"],
        at=datetime.fromisoformat(told["ts"]),
        words=words,
        reason=str(data.get("reason") or data.get("error") or ""),
        kind=kind,
        block=data.get("block"),
        trade=data.get("trade"),
    )


def _token(data: Data) -> Address | None:
    """What is bought or sold."""
    address = data.get("token_out" if data.get("side") == "buy" else "token_in") or data.get("token")
    return Address(address) if address else None


def _placed(side: str) -> Callable[[Data, str], tuple[str, str]]:
    return lambda data, token: (f"ordered to {side} {token}", "")


def _filled(side: str) -> Callable[[Data, str], tuple[str, str]]:
    def words(data: Data, token: str) -> tuple[str, str]:
        if data["status"] != "filled":
            return f"the market refused to {side} {token}; gas was paid", "bad"
        return (f"{side} of {token} filled{', disputed' if data['disputed'] else ''}", "good")

    return words


def _given_up(side: str) -> Callable[[Data, str], tuple[str, str]]:
    return lambda data, token: (f"order to {side} {token} {data['status']}, nothing was paid", "")


def _status(data: Data, token: str) -> tuple[str, str]:
    if "entries_paused" in data:
        return ("buying is paused" if data["entries_paused"] else "buying goes on"), ""
    return f"the session is {data['status']}", "bad" if data["status"] == "halted" else ""


def _command(data: Data, token: str) -> tuple[str, str]:
    what = "exit all" if data.get("kind") == "exit_all" else f"{data.get('kind', 'order')} {token}".strip()
    return f"by hand: {what}, {data['status']}", "bad" if data["status"] == "refused" else ""


WORDS: Mapping[str, Callable[[Data, str], tuple[str, str]]] = MappingProxyType(
    {
        "startup": lambda data, token: ("it began to trade", ""),
        "status": _status,
        "warning": lambda data, token: (f"it failed and rests, {data['failures']} in a row", "bad"),
        "command": _command,
        "entry": _placed("buy"),
        "exit": _placed("sell"),
        "entry_fill": _filled("buy"),
        "exit_fill": _filled("sell"),
        "entry_cancel": _given_up("buy"),
        "exit_cancel": _given_up("sell"),
        "reorg": lambda data, token: (
            f"the block of a fill of {token} is gone: it is taken back and waits again",
            "bad",
        ),
    }
)
"""By the type of the frame (``docs/feed.md``): what happened, and whether that is good or bad."""
