"""How well it went: in all, by day, by token, by exit reason, and sessions beside each other."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.pages import private_page
from dashboard.parts import Ask, LivePage, Part
from dashboard.performance.curves import compare, curve
from dashboard.performance.results import days, exits, tokens, totals
from dashboard.performance.subject import PERIODS, Subject, subject_of
from dashboard.visitors import Visitor
from paper_trading.feed.envelope import portfolio_topic

BOOKED = ("entry_fill", "exit_fill", "reorg")


def topics(ask: Ask, subject: Subject) -> list[str]:
    return [portfolio_topic(subject.user_id)]


def read(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"subject": subject, "periods": PERIODS.items()}


PAGE: LivePage[Subject] = LivePage(
    name="performance",
    parts=(
        Part(name="totals", read=totals, on=BOOKED),
        Part(name="curve", read=curve, on=(*BOOKED, "account")),
        Part(name="days", read=days, on=BOOKED),
        Part(name="tokens", read=tokens, on=BOOKED),
        Part(name="exits", read=exits, on=BOOKED),
        Part(name="compare", read=compare, on=BOOKED),
    ),
    topics=topics,
    read=read,
)


@private_page
def performance(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    ask = Ask.of(request, visitor)
    return PAGE.answer(ask, subject_of(ask))
