"""What one client hears of one topic, and what he is told about the topic itself."""

import json
from dataclasses import dataclass

from paper_trading.feed.envelope import Frame, Mark
from paper_trading.feed.pipe import Pipe, encoded

STATES = ("market:", "gas:")


def is_state(topic: str) -> bool:
    """Whether only the newest frame of ``topic`` is of interest; such a topic has frames of one type."""
    return topic.startswith(STATES)


def told(op: str, **what: object) -> bytes:
    return encoded(json.dumps({"op": op, **what}, separators=(",", ":")))


@dataclass(slots=True, eq=False, kw_only=True)
class Ear:
    """``asked`` is what the client called the topic, ``seq`` the last frame that he has of its present epoch."""

    pipe: Pipe
    asked: str
    topic: str
    seq: int = 0

    def subscribed(self, mark: Mark, *, resumed: bool) -> None:
        self.seq = mark.seq
        place = {"epoch": mark.epoch, "seq": mark.seq, "resumed": resumed, "conflated": is_state(self.topic)}
        self.pipe.tell(told("subscribed", asked=self.asked, topic=self.topic, **place))

    def reset(self, mark: Mark) -> None:
        self.seq = mark.seq
        self.pipe.tell(told("reset", topic=self.topic, epoch=mark.epoch, seq=mark.seq))

    def frames(self, frames: list[Frame]) -> None:
        for frame in frames:
            self.frame(frame.seq, encoded(frame.text))

    def frame(self, seq: int, message: bytes) -> None:
        if seq > self.seq:
            self.seq = seq
            self.pipe.tell(message)

    def state(self, seq: int, message: bytes) -> None:
        self.seq = seq
        self.pipe.tell_state(self.topic, message)
