"""The Celery workers that answer now."""

from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from paper_trading.services.health import OK, redis_state

SECONDS = 1.0
"""For how long answers are waited for, whoever answered before."""

LATELY_SECONDS = 10
_LATELY = "worker_queues"


def worker_queues() -> list[tuple[str, ...]] | None:
    """The queues that each worker takes from, by its name; None where Redis is off or away.

    Takes ``SECONDS``: not for every look at a page.
    """
    if redis_state() != OK:
        return None
    try:
        answers = current_app.control.inspect(timeout=SECONDS).active_queues()
    except (OperationalError, RedisError, OSError):
        return None
    named = sorted((answers or {}).items())
    return [tuple(sorted(queue["name"] for queue in queues)) for _, queues in named]


def worker_queues_lately(*, ask: bool) -> list[tuple[str, ...]] | None:
    """As of the last ``LATELY_SECONDS``. Where nobody asked since, workers are asked if ``ask`` says so, else None."""
    known: list[tuple[str, ...]] | None = cache.get(_LATELY)
    if known is None and ask:
        known = worker_queues()
        if known is not None:
            cache.set(_LATELY, known, LATELY_SECONDS)
    return known
