"""A new session: what it shall trade and how, and what will happen, before it is started."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.new_session.check import check
from dashboard.new_session.levels import slider
from dashboard.new_session.subject import Subject, subject_of
from dashboard.pages import private_page
from dashboard.parts import EVERY_BLOCK, Ask, LivePage, Part
from dashboard.visitors import Visitor
from paper_trading.feed.envelope import market_topic, portfolio_topic
from paper_trading.services.deposits import NATIVE_UNITS, QUOTE_UNITS


def topics(ask: Ask, subject: Subject) -> list[str]:
    return [portfolio_topic(ask.user_id), market_topic(subject.network.name)]


def read(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """``key`` names the start that this showing of the form may come to, however often its button is pressed."""
    network = subject.network
    return {
        **slider(),
        "subject": subject,
        "key": str(uuid.uuid4()),
        "is_new": subject.account not in [choice.name for choice in subject.accounts],
        "deposits": [(subject.quote.symbol, QUOTE_UNITS), (network.native_symbol, NATIVE_UNITS)],
    }


PAGE: LivePage[Subject] = LivePage(
    name="new_session",
    parts=(Part(name="check", read=check, on=(*EVERY_BLOCK, "status", "account")),),
    topics=topics,
    read=read,
)


@private_page
def new_session(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    ask = Ask.of(request, visitor)
    return PAGE.answer(ask, subject_of(ask))
