"""What was set where the program was started, and by which variable; never a secret, and of addresses the host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from paper_trading.services.periodic import ARCHIVE_AFTER

NO_LIMIT = "no limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """``variable`` is the one of the environment that sets it, empty for what is the same everywhere."""

    name: str
    value: str
    variable: str = ""


def environment() -> Mapping[str, Any]:
    return {
        "data": _data(),
        "access": _access(),
        "limits": _limits(),
        "archive_days": ARCHIVE_AFTER.days,
        "cleans_up": bool(settings.REDIS_URL),
        "idle": _spelled(settings.LOGIN_IDLE),
        "absolute": _spelled(settings.LOGIN_ABSOLUTE),
        "results": _spelled(settings.CELERY_RESULT_EXPIRES),
    }


def _data() -> Sequence[Setting]:
    return [
        Setting(name="Everything that the program writes", value=str(settings.VAR_DIR), variable="DEXPROJECT_VAR"),
        Setting(
            name="Books, decisions, logins",
            value=shown_database(settings.DATABASES["default"]),
            variable="DATABASE_URL",
        ),
        Setting(name="Logs", value=str(settings.VAR_DIR / "log"), variable="DEXPROJECT_VAR"),
        Setting(name="Queues, feed and cache", value=_redis(), variable="REDIS_URL"),
        Setting(name="Files of the chains", value=str(settings.NETWORKS_DIR), variable="NETWORKS_DIR"),
    ]


def _access() -> Sequence[Setting]:
    return [
        Setting(name="Addresses that browsers may use", value=", ".join(settings.PUBLIC_URLS), variable="PUBLIC_URL"),
        Setting(
            name="Host names that are answered",
            value=", ".join(dict.fromkeys(settings.ALLOWED_HOSTS)),
            variable="ALLOWED_HOSTS",
        ),
        Setting(
            name="Proxies in front that are believed",
            value=str(settings.REST_FRAMEWORK["NUM_PROXIES"]),
            variable="NUM_PROXIES",
        ),
    ]


def _limits() -> Sequence[Setting]:
    counted = (
        ("API requests a minute of one client", "API_REQUESTS_PER_CLIENT"),
        ("API requests a minute with one token", "API_REQUESTS_PER_TOKEN"),
        ("Login requests a minute of one client", "LOGIN_REQUESTS_PER_CLIENT"),
        ("Login requests a minute for one wallet", "LOGIN_REQUESTS_PER_ADDRESS"),
        ("Live connections that one client opens a minute", "SOCKETS_OPENED_PER_CLIENT"),
        ("Live connections of one user at a time", "SOCKETS_PER_USER"),
    )
    return [
        Setting(name=name, value=_limit(getattr(settings, variable)), variable=variable) for name, variable in counted
    ]


def _limit(most: int | None) -> str:
    return NO_LIMIT if most is None else f"{most:,}"


def shown_database(database: Mapping[str, Any]) -> str:
    """One of ``settings.DATABASES``, without who connects to it and by which password."""
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return f"SQLite, {database['NAME']}"
    place = database.get("HOST") or "this machine"
    return f"PostgreSQL, {database['NAME']} on {place}"


def _redis() -> str:
    if not settings.REDIS_URL:
        return "in the memory of this process"
    try:
        host = urlsplit(settings.REDIS_URL).hostname
    except ValueError:
        host = None
    return f"Redis on {host or 'an address that cannot be read'}"


def _spelled(span: timedelta) -> str:
    """
    >>> _spelled(timedelta(days=14)), _spelled(timedelta(hours=36))
    ('14 days', '36 hours')
    """
    hours = int(span.total_seconds()) // 3600
    count, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
