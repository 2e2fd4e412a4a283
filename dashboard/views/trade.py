"""One trade: why it was made, what was ordered, what the chain did, what it cost, and the proof of it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.pages import private_page
from dashboard.parts import Ask, LivePage, Part
from dashboard.trade.order import decision, plan
from dashboard.trade.outcome import costs, head, outcome, position, receipts
from dashboard.trade.reading import reading
from dashboard.trade.subject import Subject, subject_of
from dashboard.visitors import Visitor
from paper_trading.feed.envelope import market_topic, session_topic
from trading.networks import chain_name

BOOKED = ("entry_fill", "exit_fill", "reorg")
SETTLED = (*BOOKED, "entry_cancel", "exit_cancel", "status")


def topics(ask: Ask, subject: Subject) -> list[str]:
    own = session_topic(subject.row.session_id)
    return [own, market_topic(chain_name(subject.holder.chain_id))] if subject.is_waiting else [own]


def read(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"subject": subject, "trade": subject.row}


PAGE: LivePage[Subject] = LivePage(
    name="trade",
    parts=(
        Part(name="head", read=head, on=SETTLED),
        Part(name="decision", read=decision),
        Part(name="plan", read=plan),
        Part(name="outcome", read=outcome, on=SETTLED),
        Part(name="costs", read=costs, on=BOOKED),
        Part(name="reading", read=reading, on=BOOKED),
        Part(name="receipts", read=receipts, on=BOOKED),
        Part(name="position", read=position, on=BOOKED),
    ),
    topics=topics,
    read=read,
)


@private_page
def trade(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponseBase:
    ask = Ask.of(request, visitor)
    return PAGE.answer(ask, subject_of(ask.user_id, pk))
