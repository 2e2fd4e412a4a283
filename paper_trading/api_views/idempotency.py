"""``Idempotency-Key``: the caller's own name for a request, so that sending it again does nothing again."""

import re

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.errors import BadRequest

KEY_HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,80}", re.ASCII)


def key_parameter(description: str) -> OpenApiParameter:
    """For the schema of an operation that takes one."""
    pattern = {"type": "string", "minLength": 1, "maxLength": 80, "pattern": r"^[\x21-\x7e]{1,80}$"}
    return OpenApiParameter(KEY_HEADER, pattern, OpenApiParameter.HEADER, description=description)


def idempotency_key(request: Request) -> str:
    """The key, empty where there is none."""
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return ""
    if KEY.fullmatch(key) is None:
        raise BadRequest("a key is 1 to 80 printable ASCII characters without spaces", KEY_HEADER)
    return str(key)
