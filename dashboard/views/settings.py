"""What the program runs with: the slider, how this browser shows things, chains, where data is kept and how long."""

from django.conf import settings as configured
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.pages import private_page, render_page
from dashboard.preferences.chains import known_chains
from dashboard.preferences.environment import environment
from dashboard.preferences.slider import slider
from dashboard.visitors import Visitor
from paper_trading.services.start_request import MAIN_ACCOUNT
from trading.selectors.markets import LOCAL_CHAIN


@private_page
def settings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    context = {
        **slider(),
        **known_chains(timezone.now()),
        **environment(),
        "main_account": MAIN_ACCOUNT,
        "usual_chain": "" if configured.RPC_URLS else LOCAL_CHAIN,
    }
    return render_page(request, "settings.html", visitor=visitor, context=context)
