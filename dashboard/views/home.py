from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from dashboard.pages import page
from dashboard.visitors import visitor_of


@page
def home(request: HttpRequest) -> HttpResponse:
    """To the first page behind the login, or to the login."""
    where = "dashboard:login" if visitor_of(request) is None else "dashboard:account"
    return HttpResponseRedirect(reverse(where))
