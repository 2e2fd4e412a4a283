"""How the program does: chains and nodes, hosts, workers and queues, database, Redis, feed. Nothing of it is secret."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.pages import private_page
from dashboard.parts import EVERY_BLOCK, Ask, LivePage, Part
from dashboard.system.chains import chains, followed_now
from dashboard.system.hosts import hosts
from dashboard.system.state import feed_state, queues, state
from dashboard.visitors import Visitor
from paper_trading.feed.envelope import SYSTEM, market_topic, portfolio_topic

HOSTS = ("host",)


def topics(ask: Ask, _: None) -> list[str]:
    return [SYSTEM, portfolio_topic(ask.user_id), *(market_topic(chain) for chain in followed_now(ask.now))]


PAGE: LivePage[None] = LivePage(
    name="system",
    parts=(
        Part(name="chains", read=chains, on=EVERY_BLOCK),
        Part(name="hosts", read=hosts, on=(*HOSTS, *EVERY_BLOCK, "status")),
        Part(name="state", read=state),
        Part(name="queues", read=queues, on=HOSTS),
        Part(name="feed", read=feed_state),
    ),
    topics=topics,
)


@private_page
def system(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    return PAGE.answer(Ask.of(request, visitor), None)
