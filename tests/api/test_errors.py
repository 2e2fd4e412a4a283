import pytest
from django.db import OperationalError
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions
from rest_framework.response import Response

from api.errors import ApiError, handle, page_not_found, register_error, server_error
from chain.errors import ConfigurationError, NodeUnavailable
from dex.errors import DexError, HaltSession


def answer(error: Exception) -> Response:
    response = handle(error, {})
    assert response is not None
    return response


class Closed(ConfigurationError):
    """An app's own."""


class Wrong(ConfigurationError):
    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.field = field


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.AuthenticationFailed(), 401, "authentication_failed"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.ParseError("no"), 400, "parse_error"),
        (exceptions.UnsupportedMediaType("text/xml"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=7.5), 429, "throttled"),
        (ApiError(409, "busy", "not now"), 409, "busy"),
        (ConfigurationError("no such chain"), 400, "invalid"),
        (NodeUnavailable("node away"), 503, "node_unavailable"),
        (OperationalError("couldn't get a connection after 5.00 sec"), 503, "database_unavailable"),
    ],
)
def test_every_error_has_the_one_shape(error: Exception, status: int, code: str) -> None:
    response = answer(error)
    assert response.status_code == status
    assert set(response.data) == {"error"}
    assert set(response.data["error"]) == {"code", "message", "fields"}
    assert response.data["error"]["code"] == code


def test_nested_messages_are_told_by_dotted_name() -> None:
    error = exceptions.ValidationError({"overrides": {"max": ["too big"]}, "tokens": [{}, {"amount": ["no"]}]})
    assert answer(error).data["error"]["fields"] == {"overrides.max": ["too big"], "tokens.1.amount": ["no"]}


def test_the_field_of_an_error_is_told() -> None:
    assert answer(Wrong("no such token", "tokens")).data["error"]["fields"] == {"tokens": ["no such token"]}


def test_an_app_says_how_its_errors_are_answered() -> None:
    register_error(Closed, status=409, code="closed")
    assert answer(Closed("the account is closed")).status_code == 409


def test_our_own_mistakes_are_nobodys_answer() -> None:
    assert handle(ValueError("a bug"), {}) is None
    assert handle(HaltSession("books"), {}) is None
    assert handle(DexError("unknown"), {}) is None


def test_a_long_message_is_cut_to_one_line() -> None:
    message = answer(ConfigurationError("a\nb " + "x" * 5_000)).data["error"]["message"]
    assert message.startswith("a b x")
    assert len(message) <= 500


def test_a_wait_is_told_in_the_header() -> None:
    assert answer(exceptions.Throttled(wait=7.5)).headers["Retry-After"] == "8"


@pytest.mark.parametrize("path", ["/api/nowhere/", "/paper-trading/api/nowhere/"])
def test_what_no_view_takes_is_json_too(path: str) -> None:
    request = RequestFactory().get(path)
    assert page_not_found(request, Http404()).headers["Content-Type"] == "application/json"
    assert server_error(request).headers["Content-Type"] == "application/json"


def test_a_page_for_people_stays_one() -> None:
    assert "html" in page_not_found(RequestFactory().get("/elsewhere"), Http404()).headers["Content-Type"]
