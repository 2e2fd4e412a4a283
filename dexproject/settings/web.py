"""What the web process needs beyond what every process does."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from dj_database_url import DBConfig

WEB_APPS = [
    "dexproject",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "wallet",
]
MIDDLEWARE = [
    "dexproject.security_headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dexproject.static_files.StaticFilesMiddleware",
    "dexproject.compression.CompressionMiddleware",
    "wallet.middleware.LoginMiddleware",
    "wallet.middleware.CsrfMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

NUM_PROXIES = int(os.environ.get("NUM_PROXIES", "0"))
"""How many proxies before us may say who the client is; 0 believes nobody but the connection."""

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "wallet.authentication.ApiTokenAuthentication",
        "wallet.authentication.LoginAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.TradeScope"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.TokenThrottle"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.AlwaysJSON",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": NUM_PROXIES,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "DEX paper trading bot",
    "DESCRIPTION": (
        "Sessions, trades, positions and markets of a self-hosted paper trading bot. Amounts are exact: `raw` in base "
        "units and `text` in whole tokens. Times are ISO 8601 in UTC. Tokens come from `manage.py api_token create`."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    # Choices stay where they are used: components made of them get names that say nothing.
    "POSTPROCESSING_HOOKS": [],
}

POOL = {"min_size": 1, "max_size": int(os.environ.get("WEB_DATABASE_CONNECTIONS", "16")), "timeout": 10}


def limit(name: str, default: int) -> int | None:
    """Requests a minute from the environment; 0 is no limit."""
    return int(os.environ.get(name, str(default))) or None


def hosts(public_urls: Sequence[str]) -> list[str]:
    """``ALLOWED_HOSTS``, separated by commas; this machine and the public addresses by default."""
    usual = ",".join(["localhost", "127.0.0.1", "[::1]", *(urlsplit(url).hostname or "" for url in public_urls)])
    return [name for name in os.environ.get("ALLOWED_HOSTS", usual).split(",") if name]


def serve_threads(database: DBConfig) -> None:
    """Threads come and go with the requests, so no connection stays with one: Postgres has a pool instead.

    To be called before the first connection is made.
    """
    database["CONN_MAX_AGE"] = 0
    if database["ENGINE"] == "django.db.backends.postgresql":
        options = database.setdefault("OPTIONS", {})
        # Compiling a sum over a year of trades takes longer than the sum.
        options.update(pool=POOL, connect_timeout=5, options="-c jit=off")
