"""Pages that stay up to date: each is put together from parts, and a part that has changed is asked for again alone.

A new page needs one template for itself and one for each part, a function that reads what a part shows, and the topics
of the feed that say when it has changed; ``{% part "name" %}`` puts a part in its place.
"""

import json
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from redis.exceptions import RedisError

from api.streams import streamed
from dashboard.chains import chain_states
from dashboard.pages import render_page
from dashboard.visitors import Visitor
from paper_trading.feed import log as feed

S = TypeVar("S")
MOST_PADDING = 48
logger = logging.getLogger(__name__)
EVERY_BLOCK = ("market",)
"""For parts that show what a new block changes: the worth of positions, prices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One look at a page. ``now`` is the same for all that it shows."""

    request: HttpRequest
    visitor: Visitor
    now: datetime

    @classmethod
    def of(cls, request: HttpRequest, visitor: Visitor) -> "Ask":
        return cls(request=request, visitor=visitor, now=timezone.now())

    @property
    def user_id(self) -> int:
        return self.visitor.user.pk


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[S]):
    """``read`` gives what its template ``dashboard/<page>/<name>.html`` shows; ``on`` are the types of frames
    (``docs/feed.md``) after which it is out of date."""

    name: str
    read: Callable[[Ask, S], Mapping[str, Any]]
    on: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage(Generic[S]):
    """``S`` is what the page is about: a session, a trade, or None. ``topics`` are full names: ``session:7``."""

    name: str
    parts: Sequence[Part[S]]
    topics: Callable[[Ask, S], Iterable[str]]
    read: Callable[[Ask, S], Mapping[str, Any]] = lambda ask, subject: {}

    def answer(self, ask: Ask, subject: S) -> HttpResponseBase:
        """The whole page, or the inside of one part where the address says ``part=<name>``; of several such parts a
        line of JSON each, ``[name, inside, padding]``, in the order in which they are asked for. Raises ``Http404``
        for what is no part."""
        bound = Bound(page=self, ask=ask, subject=subject)
        asked = [self.part(name).name for name in dict.fromkeys(ask.request.GET.getlist("part"))]
        if len(asked) == 1:
            return HttpResponse(bound.inside(asked[0]))
        if asked:
            lines = (bound.line(name) for name in asked)
            return streamed(ask.request, lines, content_type="application/x-ndjson")
        # The marks first: what happens while the page is read comes as frames, too.
        topics = list(self.topics(ask, subject))
        shown = {
            "topics": json.dumps(_marks(topics)),
            "chains": chain_states(topics, ask.now),
            "live_page": bound,
            **self.read(ask, subject),
        }
        return render_page(ask.request, f"{self.name}.html", visitor=ask.visitor, context=shown)

    def part(self, name: str) -> Part[S]:
        for part in self.parts:
            if part.name == name:
                return part
        raise Http404(f"this page has no part {name}")

    def template_of(self, part: Part[S]) -> str:
        return f"dashboard/{self.name}/{part.name}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound(Generic[S]):
    """A page as ``{% part %}`` meets it while its template is rendered."""

    page: LivePage[S]
    ask: Ask
    subject: S

    def inside(self, name: str) -> str:
        part = self.page.part(name)
        return render_to_string(
            self.page.template_of(part), dict(part.read(self.ask, self.subject)), request=self.ask.request
        )

    def line(self, name: str) -> str:
        """One of several parts; its inside is null where it could not be made. The answer has begun by then: the reader
        is told so, and the others go on. With the padding its size tells nothing exact (``dexproject.compression``)."""
        try:
            inside = self.inside(name)
        except Exception:
            logger.exception("part %s of %s could not be made", name, self.ask.request.path)
            inside = None
        return f"{json.dumps([name, inside, secrets.token_urlsafe(secrets.randbelow(MOST_PADDING))])}\n"

    def address(self, name: str) -> str:
        """Where the part is had alone: this page's address with all that it asks for, and the part's name."""
        query = self.ask.request.GET.copy()
        query["part"] = name
        return f"{self.ask.request.path}?{query.urlencode()}"


def _marks(topics: Sequence[str]) -> list[list[Any]]:
    """``[topic, epoch, seq]`` of each, or the topics alone while Redis is away: the page then takes a snapshot of
    itself."""
    try:
        marks = feed.heads(topics)
    except RedisError:
        return [[topic] for topic in topics]
    return [[topic, mark.epoch, mark.seq] for topic, mark in zip(topics, marks, strict=True)]
