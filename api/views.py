"""The base of every endpoint."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.parameters import Parameter, read_parameters
from api.throttles import ClientThrottle
from api.turns import without_turn


class ApiView(APIView):
    """Counts the client before it looks at the token, and refuses query parameters that the view does not name.

    ``parameters`` are those of its GET; ``self.query`` holds their parsed values. Other methods take none.
    ``waits_for_others`` marks a view that spends its time waiting for a node, see ``api.turns``.
    """

    waits_for_others: ClassVar[bool] = False
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    query: Mapping[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.waits_for_others:
            without_turn(request._request)
        client = ClientThrottle()
        if not client.allow_request(request, self):
            self.throttled(request, client.wait())
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            self.query = read_parameters(request, self.known_parameters(request.method))

    def known_parameters(self, method: str) -> Mapping[str, Parameter]:
        return self.parameters if method in ("GET", "HEAD") else {}

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        return final
