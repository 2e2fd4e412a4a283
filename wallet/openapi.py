from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How ``ApiTokenAuthentication`` appears in the schema."""

    target_class = "wallet.authentication.ApiTokenAuthentication"
    name = "ApiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "`manage.py api_token create` prints one."}


class LoginScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How ``LoginAuthentication`` appears in the schema."""

    target_class = "wallet.authentication.LoginAuthentication"
    name = "Login"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        said = "A wallet's login, for our own pages. Whatever changes something needs Origin and X-CSRFToken as well."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": said}
