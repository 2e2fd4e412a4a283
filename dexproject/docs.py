"""The API described for programs and for people."""

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView

MEDIA_TYPE = "application/vnd.oai.openapi+json"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@require_safe
def schema(_: HttpRequest) -> HttpResponse:
    """The OpenAPI document, the same for everyone for as long as the process lives."""
    return HttpResponse(_served(), content_type=MEDIA_TYPE)


class DocsView(SpectacularSwaggerSplitView):
    """The schema for people. Everything that it loads comes from here, and the browser is told to load nothing else."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Content-Security-Policy"] = POLICY
        return final


def document() -> dict[str, Any]:
    """The OpenAPI document of all that the resolver knows."""
    return dict(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


@cache
def _served() -> bytes:
    return json.dumps(document(), ensure_ascii=False, default=str).encode()
