"""Where people reach the web process, and how they log in to it. The main settings take every name of this file."""

import os
from datetime import timedelta

from dexproject.settings.web import limit

_LOCAL = "http://127.0.0.1:8000,http://localhost:8000"

PUBLIC_URLS: list[str] = [
    url.strip().rstrip("/") for url in (os.environ.get("PUBLIC_URL") or _LOCAL).split(",") if url.strip()
]
"""The origins that browsers know us by, the first one for links. Login messages name them, never the Host header."""

HAS_PUBLIC_URL = bool(os.environ.get("PUBLIC_URL"))
"""Else a bot that serves its dashboard itself sets ``PUBLIC_URLS`` to where it really does."""

PRODUCTION = all(url.startswith("https://") for url in PUBLIC_URLS)
"""Cookies that only travel encrypted, and what else would break on plain HTTP."""

LOGIN_URL = "/login/"
LOGIN_CHALLENGE_SECONDS = 300
LOGIN_IDLE = timedelta(days=2)
LOGIN_ABSOLUTE = timedelta(days=14)
LOGIN_COOKIE_NAME = "dex_login"
"""Binds a challenge to the browser that asked for it."""

# Requests a minute. One client alone cannot use up what an address has, and so lock its owner out.
LOGIN_REQUESTS_PER_CLIENT = limit("LOGIN_REQUESTS_PER_CLIENT", 20)
LOGIN_REQUESTS_PER_ADDRESS = limit("LOGIN_REQUESTS_PER_ADDRESS", 60)

SESSION_ENGINE = "wallet.session_store"  # Django's own in the database, without the keys
SESSION_COOKIE_NAME = "dex_session"
SESSION_COOKIE_AGE = int(LOGIN_ABSOLUTE.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would ask those who follow a link to the dashboard to log in again
SESSION_COOKIE_SECURE = PRODUCTION

CSRF_COOKIE_NAME = "dex_csrf"
CSRF_COOKIE_HTTPONLY = False  # our own pages read it and send it back as a header
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_TRUSTED_ORIGINS = PUBLIC_URLS
