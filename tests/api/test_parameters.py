from datetime import UTC, datetime

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from api.errors import ApiError
from api.parameters import Parameter, address, choice, flag, line, moment, read_parameters, whole

KNOWN = {
    "count": whole(minimum=1, maximum=200, default=25),
    "status": choice(["open", "closed"]),
    "live": flag(),
    "since": moment(),
    "token": address(),
    "name": line(longest=5),
}


def read(query: str, known: dict[str, Parameter] | None = None) -> dict[str, object]:
    return read_parameters(Request(RequestFactory().get(f"/?{query}")), KNOWN if known is None else known)


def refused(query: str) -> dict[str, object]:
    with pytest.raises(ApiError) as caught:
        read(query)
    assert caught.value.status_code == 400
    return dict(caught.value.fields)


def test_every_known_parameter_has_a_value() -> None:
    assert read("status=open&live=true") == {
        "count": 25,
        "status": "open",
        "live": True,
        "since": None,
        "token": None,
        "name": None,
    }


def test_a_time_without_an_offset_is_utc() -> None:
    assert read("since=2025-06-01T12:00:00")["since"] == datetime(2025, 6, 1, 12, tzinfo=UTC)
    assert read("since=2025-06-01T12:00:00%2B02:00")["since"] == datetime(2025, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "query",
    [
        "count=0",
        "count=201",
        "count=",
        "count=1e2",
        "count=%2B5",
        "count=\u0665",
        "count=" + "9" * 5_000,
        "status=OPEN",
        "live=1",
        "since=yesterday",
        "since=0001-01-01T00:00:00%2B23:00",
        "since=2025-13-01T00:00:00",
        "token=0x12",
        "token=" + "0x" + "g" * 40,
        "name=toolong",
        "name=a%00b",
    ],
)
def test_what_cannot_be_understood_names_its_parameter(query: str) -> None:
    assert set(refused(query)) == {query.partition("=")[0]}


def test_an_unknown_parameter_is_refused() -> None:
    assert set(refused("cuont=5")) == {"cuont"}


def test_a_parameter_is_given_once() -> None:
    assert set(refused("count=5&count=6")) == {"count"}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert set(refused("count=x&status=y&z=1")) == {"count", "status", "z"}


def test_a_required_parameter_is_required() -> None:
    with pytest.raises(ApiError, match="token: is required"):
        read("", {"token": address(required=True)})
