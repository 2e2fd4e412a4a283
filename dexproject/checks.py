"""``manage.py check --deploy`` for what Django itself does not look at: addresses, hosts and who can read the key."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  (Django's name)
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.module_loading import import_string

from dexproject.settings.secret import KEY_FILE

Check = Callable[..., list[CheckMessage]]


def _deployment(check: Callable[[], Iterator[CheckMessage]]) -> Check:
    def run(**_: Any) -> list[CheckMessage]:
        return list(check())

    run.__name__ = check.__name__
    register(run, Tags.security, deploy=True)
    return run


@_deployment
def public_urls() -> Iterator[CheckMessage]:
    """Wallets sign what names these, and cookies go to them."""
    if not settings.PUBLIC_URLS:
        yield Error("PUBLIC_URL names no address.", hint="Set it to what people type.", id="dexproject.E001")
    for url in settings.PUBLIC_URLS:
        problem = _problem(url)
        if problem:
            yield Error(f"PUBLIC_URL: {url!r} {problem}.", id="dexproject.E002")
        elif urlsplit(url).scheme != "https" and not _is_loopback(str(urlsplit(url).hostname)):
            hint = "Put a proxy that speaks TLS in front, and say https:// in PUBLIC_URL."
            yield Error(f"PUBLIC_URL: {url} sends cookies over the net unencrypted.", hint=hint, id="dexproject.E003")


@_deployment
def tls_is_spoken_by_somebody() -> Iterator[CheckMessage]:
    secure = any(url.startswith("https://") for url in settings.PUBLIC_URLS)
    if secure and not settings.SECURE_PROXY_SSL_HEADER:
        hint = "Set NUM_PROXIES to the number of proxies in front, whose X-Forwarded-Proto and -For are then believed."
        yield Warning("PUBLIC_URL is https, and no proxy is believed that says so.", hint=hint, id="dexproject.W001")


@_deployment
def allowed_hosts() -> Iterator[CheckMessage]:
    open_ended = [name for name in settings.ALLOWED_HOSTS if name.startswith(("*", "."))]
    if open_ended:
        hint = "Name each host: a request for any other is none of ours."
        yield Error(f"ALLOWED_HOSTS lets in {', '.join(open_ended)}.", hint=hint, id="dexproject.E004")
    for url in settings.PUBLIC_URLS:
        host = "" if _problem(url) else str(urlsplit(url).hostname)
        if host and not open_ended and not {host, f"[{host}]"} & set(settings.ALLOWED_HOSTS):
            yield Error(f"{host} of PUBLIC_URL is not in ALLOWED_HOSTS.", id="dexproject.E005")


@_deployment
def csrf() -> Iterator[CheckMessage]:
    """In the place of security.W003, which knows Django's own middleware by its name and no subclass of it."""
    if not any(issubclass(found, CsrfViewMiddleware) for found in _classes(settings.MIDDLEWARE)):
        yield Error("No middleware refuses requests that another site's page forged.", id="dexproject.E008")


@_deployment
def debug() -> Iterator[CheckMessage]:
    """Django warns; its pages tell settings and code to whoever meets an error, so this is an error."""
    if settings.DEBUG:
        yield Error("DEBUG is on: error pages show code and settings to everyone.", id="dexproject.E006")


@_deployment
def key_file() -> Iterator[CheckMessage]:
    """Who can read the key can make sessions of any user."""
    path = _key_file()
    try:
        mode = None if path is None else path.stat().st_mode
    except OSError:
        return
    if mode is not None and mode & stat.S_IROTH:
        hint = f"chmod 600 {path}, and make a new key: the old one may be known."
        yield Warning(f"Everyone on this machine can read the secret key in {path}.", hint=hint, id="dexproject.W002")


def _key_file() -> Path | None:
    """Where ``dexproject.settings.secret`` took the key from; None for the environment."""
    if os.environ.get("SECRET_KEY"):
        return None
    named = os.environ.get("SECRET_KEY_FILE", "")
    return Path(named) if named else Path(settings.VAR_DIR) / KEY_FILE


def _classes(names: Iterable[str]) -> Iterator[type]:
    for name in names:
        found = import_string(name)
        if isinstance(found, type):
            yield found


def _problem(url: str) -> str:
    """What keeps ``url`` from being an origin; empty for one that is."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "cannot be read"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "is no http or https address"
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        return "is more than scheme, host and port"
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
