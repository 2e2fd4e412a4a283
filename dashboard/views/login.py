from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from dashboard.addresses import safe_next
from dashboard.pages import page, render_page
from dashboard.visitors import visitor_of


@page
def login(request: HttpRequest) -> HttpResponse:
    """Shown to those who are logged in too: they may want to come back as another wallet."""
    visitor = visitor_of(request)
    asked = request.GET.get("next", "")
    context = {
        "next": safe_next(asked, otherwise=reverse("dashboard:home")),
        # Somebody was on the way to a page with a cookie that opens nothing any more.
        "has_ended": visitor is None and asked != "" and settings.SESSION_COOKIE_NAME in request.COOKIES,
    }
    return render_page(request, "login.html", visitor=visitor, context=context)
