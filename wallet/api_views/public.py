"""The base of what strangers may ask for: the two steps of logging in."""

from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from api.views import ApiView
from wallet.pages import require_own_page
from wallet.throttles import count_client


class PublicLoginApi(ApiView):
    """Nobody is known yet, so nothing checks a token; that one of our own pages asks is checked all the same, before
    the body is read."""

    authentication_classes = []
    permission_classes = [AllowAny]
    http_method_names = ["post"]
    origin: str
    """The page's, one of ``PUBLIC_URLS``."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            count_client(request)
            self.origin = require_own_page(request._request)
