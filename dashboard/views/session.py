"""One session of the bot: what it is worth, what it thinks, what it does, and how to steer it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from dashboard.pages import private_page
from dashboard.parts import EVERY_BLOCK, Ask, LivePage, Part
from dashboard.session.fills import trades
from dashboard.session.happenings import WORDS, happenings
from dashboard.session.holdings import orders, positions
from dashboard.session.level import level, watched
from dashboard.session.standing import figures, head
from dashboard.session.subject import Subject, subject_of
from dashboard.session.thoughts import Wanted, decisions, why
from dashboard.visitors import Visitor
from paper_trading.feed.envelope import market_topic, session_topic

FILLS = ("entry_fill", "exit_fill", "reorg")
ORDERS = ("entry", "exit", "entry_cancel", "exit_cancel", *FILLS)
STATES = ("status", "startup", "warning")


def topics(ask: Ask, subject: Subject) -> list[str]:
    own = session_topic(subject.pk)
    return [own, market_topic(subject.row.chain)] if subject.is_live else [own]


def read(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {
        "subject": subject,
        "session": subject.row,
        "tokens": watched(subject),
        "quote": subject.quote,
        "wanted": Wanted.of(ask),
    }


PAGE: LivePage[Subject] = LivePage(
    name="session",
    parts=(
        Part(name="head", read=head, on=(*EVERY_BLOCK, *STATES, "command")),
        Part(name="figures", read=figures, on=(*EVERY_BLOCK, *FILLS, *STATES)),
        Part(name="positions", read=positions, on=(*EVERY_BLOCK, *ORDERS, "position", "command", "status")),
        Part(name="orders", read=orders, on=(*ORDERS, "command", "status")),
        Part(name="decisions", read=decisions, on=("decision", "entry", "exit", "reorg")),
        Part(name="trades", read=trades, on=(*ORDERS, "status")),
        Part(name="log", read=happenings, on=tuple(WORDS)),
        Part(name="level", read=level, on=("startup",)),
    ),
    topics=topics,
    read=read,
)


@private_page
def session(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponseBase:
    ask = Ask.of(request, visitor)
    return PAGE.answer(ask, subject_of(ask.user_id, pk))


@private_page
def decision_why(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """The inside of what the reader opens at a decision."""
    return render(request, "dashboard/session/why.html", why(visitor.user.pk, pk))
