"""The first page: how everything of a visitor stands, and what needs attention."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from dashboard.home.attention import attention
from dashboard.home.curve import curve
from dashboard.home.lists import ended, live, trades
from dashboard.home.standing import totals
from dashboard.home.subject import Subject
from dashboard.home.walk import walk
from dashboard.pages import page
from dashboard.parts import EVERY_BLOCK, Ask, LivePage, Part
from dashboard.visitors import visitor_of
from paper_trading.feed.envelope import alerts_topic, market_topic, portfolio_topic

FILLS = ("entry_fill", "exit_fill", "reorg")
CHANGES = ("status", "startup", "warning", *FILLS, "account")


def topics(ask: Ask, subject: Subject) -> list[str]:
    """With the market of every chain that a session runs on."""
    own = [portfolio_topic(subject.user_id), alerts_topic(subject.user_id)]
    return own + [market_topic(chain) for chain in subject.chains]


PAGE: LivePage[Subject] = LivePage(
    name="home",
    parts=(
        Part(name="walk", read=walk, on=("startup", "status", "entry_fill")),
        Part(name="attention", read=attention, on=(*CHANGES, *EVERY_BLOCK)),
        Part(name="totals", read=totals, on=(*CHANGES, *EVERY_BLOCK)),
        Part(name="curve", read=curve, on=(*FILLS, "status", "account")),
        Part(name="live", read=live, on=(*CHANGES, *EVERY_BLOCK)),
        Part(name="trades", read=trades, on=(*FILLS, "entry_cancel", "exit_cancel")),
        Part(name="ended", read=ended, on=("status",)),
    ),
    topics=topics,
)


@page
def home(request: HttpRequest) -> HttpResponseBase:
    """For those who are not logged in it is the login, without a word about where they came from."""
    visitor = visitor_of(request)
    if visitor is None:
        if "HX-Request" in request.headers:
            return HttpResponse(status=401, headers={"HX-Redirect": reverse("dashboard:login")})
        return HttpResponseRedirect(reverse("dashboard:login"))
    ask = Ask.of(request, visitor)
    return PAGE.answer(ask, Subject(user_id=ask.user_id))
