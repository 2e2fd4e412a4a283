"""Ids in bodies and queries, found in the OpenAPI document: another user's is answered as one that is not there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dexproject.docs import document
from tests.api.walk import BOT, OWNED
from tests.api.world import furnish
from tests.support.api_client import client_for, error_of, user_named

pytestmark = pytest.mark.django_db

NOT_THERE = 2**40
KINDS = {
    prefix.rstrip("/").rpartition("/")[2].removesuffix("s"): kind for prefix, kind in OWNED.items() if BOT in prefix
}
"""By the names that fields have: ``session`` and ``session_id`` are the id of a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    path: str
    method: str
    name: str
    in_body: bool

    @property
    def kind(self) -> str:
        return self.name.removesuffix("_id")

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.name}"


def fields() -> Iterator[Field]:
    found = document()
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            named = {
                False: {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"},
                True: resolved(found, body).get("properties", {}),
            }
            for in_body, schemas in named.items():
                for name, schema in schemas.items():
                    if schema.get("type") == "integer" and name.removesuffix("_id") in KINDS:
                        yield Field(path=path, method=method, name=name, in_body=in_body)


def resolved(found: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(found["components"]["schemas"][name]) if name else schema


FIELDS = list(fields())


def test_there_are_some() -> None:
    assert {field.kind for field in FIELDS} >= {"session", "account"}
    assert any(field.in_body for field in FIELDS)
    assert len(FIELDS) > 5


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_another_users_id_is_that_of_nothing(field: Field) -> None:
    alice, mallory = user_named("alice"), user_named("mallory")
    furnish(alice)
    furnish(mallory)
    hers, his = KINDS[field.kind].ids(alice)[0], KINDS[field.kind].ids(mallory)[0]
    path = field.path
    if "{" in path:
        kind = next(kind for prefix, kind in OWNED.items() if path.startswith(f"/{prefix}"))
        path = path.replace("{id}", str(kind.ids(mallory)[0]))
    client = client_for(mallory)

    def asked(value: int) -> Any:
        if field.in_body:
            return getattr(client, field.method)(path, data={field.name: value}, content_type="application/json")
        return client.get(path, {field.name: value})

    for value in (hers, NOT_THERE):
        answer = asked(value)
        assert (answer.status_code, error_of(answer)["code"]) == (404, "not_found"), answer.content
    assert asked(his).status_code < 300
