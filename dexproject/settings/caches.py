"""Where this process caches: with all others in Redis, or for itself."""

from typing import Any

_ENTRIES = 20_000


def caches(redis_url: str) -> dict[str, dict[str, Any]]:
    if redis_url == "":
        local = "django.core.cache.backends.locmem.LocMemCache"
        return {"default": {"BACKEND": local, "OPTIONS": {"MAX_ENTRIES": _ENTRIES}}}
    shared = "dexproject.cache.ForgetfulRedisCache"
    return {"default": {"BACKEND": shared, "LOCATION": [redis_url], "KEY_FUNCTION": "dexproject.cache.make_key"}}
