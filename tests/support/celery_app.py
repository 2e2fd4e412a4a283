"""The Celery application on a Redis server of the test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from celery import Celery
from django.conf import settings
from django.test import override_settings

from dexproject.celery_app import app as usual


@contextmanager
def celery_on(url: str, *, database: str | None = None) -> Iterator[Celery]:
    """Everything that this thread hands to Celery goes to the server at ``url``, to the workers of ``database``."""
    changed: dict[str, Any] = {"REDIS_URL": url, "CELERY_BROKER_URL": url, "CELERY_RESULT_BACKEND": url}
    if database is not None:
        prefix = {"global_keyprefix": f"dex:{sha256(database.encode()).hexdigest()[:12]}:"}
        changed["CELERY_BROKER_TRANSPORT_OPTIONS"] = settings.CELERY_BROKER_TRANSPORT_OPTIONS | prefix
        changed["CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS"] = prefix
    with override_settings(**changed):
        app = Celery("dexproject")
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.autodiscover_tasks(force=True)
        try:
            yield app
        finally:
            app.close()
            usual.set_current()
