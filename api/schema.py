"""How the endpoints describe themselves in OpenAPI: from the same values that they check requests with."""

from collections.abc import Mapping
from functools import cache
from inspect import cleandoc
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from api.inputs import Input
from api.lists import ListApi
from api.parameters import Parameter
from api.views import ApiView

CSV = "text/csv"
TOKENS = "ApiToken"  # the name of its scheme


class ErrorDetailSchema(serializers.Serializer[Any]):
    """``code`` is a word for programs, ``fields`` holds messages by part of the request."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


class ErrorSchema(serializers.Serializer[Any]):
    """Every answer of 400 and above."""

    error = ErrorDetailSchema()


class ApiSchema(AutoSchema):
    """Query parameters from the view's own, one error shape on every operation, pages and CSV of lists."""

    def get_operation_id(self) -> str:
        page = self._page_view()
        return str(super().get_operation_id()) if page is None else page.operation

    def get_summary(self) -> str | None:
        page = self._page_view()
        return super().get_summary() if page is None else page.summary

    def get_description(self) -> str:  # type: ignore[override]
        """What the view itself says; its base classes speak to programmers."""
        said = type(self.view).__dict__.get("__doc__") if isinstance(self.view, ApiView) else super().get_description()
        return cleandoc(said) if said else ""

    def get_tags(self) -> list[str]:
        parts = [part for part in self.path.split("/") if part and not part.startswith("{")]
        return parts[2:3] if parts[0] == "paper-trading" else parts[:1]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Without tokens where a permission (see ``wallet.permissions``) takes none."""
        takes = (getattr(one, "takes_tokens", None) for one in self.view.permission_classes)
        refused = any(asked is not None and not asked(self.method) for asked in takes)
        return [one for one in super().get_auth() if not (refused and TOKENS in one)]

    def get_override_parameters(self) -> list[Any]:
        if not isinstance(self.view, ApiView):
            return list(super().get_override_parameters())
        return [_documented(name, known) for name, known in self.view.known_parameters(self.method).items()]

    def get_response_serializers(self) -> Any:
        page = self._page_view()
        return super().get_response_serializers() if page is None else page_of(page.row)

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, Input):
            schema["additionalProperties"] = False
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        if not isinstance(self.view, ApiView):
            return bodies
        for status, description in self._errors().items():
            if status not in bodies:
                answer = OpenApiResponse(ErrorSchema, description)
                bodies[status] = self._get_response_for_code(answer, status, direction=direction)  # type: ignore[no-untyped-call]
        page = self._page_view()
        if page is not None and page.csv_name:
            bodies["200"]["content"][CSV] = {"schema": {"type": "string"}}
        return bodies

    def _page_view(self) -> ListApi | None:
        return self.view if isinstance(self.view, ListApi) and self.method == "GET" else None

    def _errors(self) -> Mapping[str, str]:
        errors = {"400": "The request cannot be understood."}
        if self.view.get_authenticators() and self.view.get_permissions():
            errors |= {
                "401": "No token or login, or none that is valid.",
                "403": "The token has not the scope, a login is needed, or another site's page asks.",
            }
        if "{" in self.path:
            errors["404"] = "There is no such thing, or it is another user's."
        if self.method != "GET":
            errors["409"] = "What is asked for does not fit what is there."
        return {**errors, "429": "Too many requests.", "default": "Any other refusal or failure."}


@cache
def page_of(row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The answer of a list of ``row``."""
    fields = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": row(many=True),
        "__doc__": f"One page of {row.__name__.removesuffix('Schema')}.",
    }
    return type(f"{row.__name__.removesuffix('Schema')}Page", (serializers.Serializer,), fields)


def _documented(name: str, known: Parameter) -> OpenApiParameter:
    return OpenApiParameter(name, dict(known.schema), required=known.required, description=known.description)
