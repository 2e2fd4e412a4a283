"""The frames that watchers get: ``{v, topic, epoch, seq, ts, type, data}`` as JSON text, put together once.

``docs/feed.md`` lists the topics, the types and their data.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from paper_trading.signals import Change

VERSION = 1
SYSTEM = "system"
PORTFOLIO_KINDS = frozenset({"entry_fill", "exit_fill", "reorg", "position", "account", "status"})
ALERT_KINDS = frozenset(
    {"entry_fill", "entry_cancel", "exit_fill", "exit_cancel", "reorg", "status", "startup", "warning"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a frame says, without its place in the topic. ``body`` is the frame's JSON text from ``ts`` to its end."""

    topic: str
    type: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """``text`` is sent as it stands. ``seq`` counts from 1 within ``epoch``."""

    topic: str
    epoch: str
    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in a topic: after frame ``seq`` of ``epoch``, 0 for its beginning."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """``resets`` are topics that begin a new epoch before ``messages`` are added in their order.

    ``writer`` names a publisher and ``number`` counts its batches from 1: one that comes again is not added again.
    """

    writer: str
    number: int
    messages: Sequence[Message]
    resets: Collection[str] = ()


def session_topic(session_id: int) -> str:
    return f"session:{session_id}"


def portfolio_topic(user_id: int) -> str:
    return f"portfolio:{user_id}"


def alerts_topic(user_id: int) -> str:
    return f"alerts:{user_id}"


def market_topic(chain: str) -> str:
    return f"market:{chain}"


def gas_topic(chain: str) -> str:
    return f"gas:{chain}"


def topics_of(change: Change) -> list[str]:
    """Everything about a session goes to its own topic, what moves worth to its owner's portfolio, what he would want
    to be woken for to his alerts."""
    topics = [] if change.session_id is None else [session_topic(change.session_id)]
    if change.kind in PORTFOLIO_KINDS:
        topics.append(portfolio_topic(change.user_id))
    if change.kind in ALERT_KINDS:
        topics.append(alerts_topic(change.user_id))
    return topics


def messages_of(change: Change) -> list[Message]:
    """One message for each topic of ``change``; its data name the session and the account that it is about."""
    about = {"session": change.session_id, "account": change.account_id}
    data = {name: value for name, value in about.items() if value is not None} | dict(change.data)
    body = _body(change.kind, data)
    return [Message(topic=topic, type=change.kind, body=body) for topic in topics_of(change)]


def message(topic: str, kind: str, data: Mapping[str, Any]) -> Message:
    return Message(topic=topic, type=kind, body=_body(kind, data))


def opening(topic: str) -> str:
    """The frame's text before its epoch."""
    return f'{{"v":{VERSION},"topic":{json.dumps(topic)},"epoch":"'


def frame(told: Message, *, epoch: str, seq: int) -> Frame:
    text = f'{opening(told.topic)}{epoch}","seq":{seq},{told.body}'
    return Frame(topic=told.topic, epoch=epoch, seq=seq, text=text)


def _body(kind: str, data: Mapping[str, Any]) -> str:
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # What JSON does not know is told as its text: a change that was committed must not fail here.
    told = json.dumps({"ts": now, "type": kind, "data": data}, default=str, separators=(",", ":"))
    return told[1:]
