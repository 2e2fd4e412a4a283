"""One shape for everything that goes wrong: ``{"error": {"code", "message", "fields"}}``.

``code`` is a word for programs, ``message`` one line for people, ``fields`` the messages by part of the request.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from chain.errors import ConfigurationError, NodeUnavailable
from dex.amounts import AmountError
from dex.errors import DexError, Retryable, SkipTrade

API_PREFIXES = ("/api/", "/paper-trading/api/")
MOST_MESSAGE = 500
log = logging.getLogger(__name__)

Fields = Mapping[str, Sequence[str]]


class ApiError(exceptions.APIException):
    """An answer of ``status`` with ``code`` and ``message``, raised from anywhere below a view."""

    def __init__(self, status: int, code: str, message: str, fields: Fields | None = None) -> None:
        super().__init__(detail=message, code=code)
        self.status_code = status
        self.code = code
        self.fields = {} if fields is None else fields


class BadRequest(ApiError):
    """400: ``field`` of the request, or all of it, cannot be understood."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(400, "invalid", message, {field: [message]} if field else None)


class NotFound(ApiError):
    """404: there is no such thing, or it is another user's."""

    def __init__(self, message: str = "there is nothing here") -> None:
        super().__init__(404, "not_found", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    code: str


_answers: dict[type[DexError], Answer] = {
    ConfigurationError: Answer(status=400, code="invalid"),
    AmountError: Answer(status=400, code="invalid"),
    SkipTrade: Answer(status=409, code="conflict"),
    Retryable: Answer(status=503, code="unavailable"),
    NodeUnavailable: Answer(status=503, code="node_unavailable"),
}


def register_error(error: type[DexError], *, status: int, code: str) -> None:
    """How ``error`` and what derives from it is answered; an app calls it for its own in ``AppConfig.ready``.

    Errors of no registered family are our own mistakes: they are logged and answered with 500.
    """
    _answers[error] = Answer(status=status, code=code)


def error_body(code: str, message: str, fields: Fields | None = None) -> dict[str, Any]:
    """
    >>> error_body("not_found", "there is no session 7")
    {'error': {'code': 'not_found', 'message': 'there is no session 7', 'fields': {}}}
    """
    named = {} if fields is None else {name: list(messages) for name, messages in fields.items()}
    return {"error": {"code": code, "message": _one_line(message), "fields": named}}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler; None for what is nobody's answer, which Django logs and answers with 500."""
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return Response(_api_body(error), status=error.status_code, headers=_headers(error))
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("the database did not answer: %s", _one_line(str(error)))
        return Response(error_body("database_unavailable", "the database is away or busy: try again"), status=503)
    answer = _answer_for(error)
    if answer is None:
        return None
    field = getattr(error, "field", "")
    fields = {field: [_one_line(str(error))]} if field else None
    return Response(error_body(answer.code, str(error), fields), status=answer.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler400``: requests that Django refuses before any view, such as an unknown host."""
    if _is_api(request):
        return _json(400, "invalid", "the request cannot be understood")
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler404``."""
    if _is_api(request):
        return _json(404, "not_found", "there is nothing at this address")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``; what happened is in the log and never in the answer."""
    if _is_api(request):
        return _json(500, "server_error", "something went wrong here; the log of the server says what")
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIXES)


def _json(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse(error_body(code, message), status=status)


def _api_body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, ApiError):
        return error_body(error.code, str(error.detail), error.fields)
    if isinstance(error, exceptions.ValidationError):
        fields = _fields(error.detail)
        first = next(((name, lines[0]) for name, lines in fields.items() if lines), ("", "the request is not valid"))
        return error_body("invalid", f"{first[0]}: {first[1]}" if first[0] else first[1], fields)
    code = error.get_codes()
    return error_body(code if isinstance(code, str) else error.default_code, str(error.detail))


def _fields(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Nested messages by dotted name: ``{"overrides.max_positions": ["..."]}``; those of no field under ``""``."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            inner = "" if key == "non_field_errors" else str(key)
            found.update(_fields(value, ".".join(part for part in (name, inner) if part)))
        return found
    if isinstance(detail, list | tuple):
        lines = [_one_line(str(item)) for item in detail if not isinstance(item, Mapping | list)]
        found = {name: lines} if lines else {}
        for place, item in enumerate(detail):
            if isinstance(item, Mapping | list) and item:
                found.update(_fields(item, f"{name}.{place}" if name else str(place)))
        return found
    return {name: [_one_line(str(detail))]}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait))
    return headers


def _answer_for(error: Exception) -> Answer | None:
    return next((_answers[family] for family in type(error).__mro__ if family in _answers), None)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_MESSAGE else line[: MOST_MESSAGE - 1] + "…"
