"""Django's own session and CSRF middleware without their changes of thread: each would cost every request two."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.functional import SimpleLazyObject

from wallet.services.login_sessions import current_login


class LoginMiddleware(SessionMiddleware):
    """``request.session``, and as ``request.user`` who logged in with a wallet. Nothing is read before it is asked for;
    a session that was not touched is not saved."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        self.process_request(request)
        response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]
        if not request.session.accessed:
            return response
        later: HttpResponseBase = await sync_to_async(self.process_response, thread_sensitive=True)(
            request,
            response,  # type: ignore[arg-type]
        )
        return later


class CsrfMiddleware(CsrfViewMiddleware):
    """Nothing in it waits for anything: the secret lives in a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self._check = self.process_view
            self.process_view = self._later  # type: ignore[method-assign, assignment]

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        self.process_request(request)
        response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]
        return self.process_response(request, response)

    async def _later(self, *asked: Any) -> Any:
        return self._check(*asked)


def _user(request: HttpRequest) -> User | AnonymousUser:
    login = current_login(request)
    return AnonymousUser() if login is None else login.user
